-- Jobs end in the order in which they were stored, a page full of them in one transaction: half of each page is kept free, so that
-- each finds its new version a place beside the old one, and no index is touched.
ALTER TABLE {schema}.job SET (fillfactor = 45);
