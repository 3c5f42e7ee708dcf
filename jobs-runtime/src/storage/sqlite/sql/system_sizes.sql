-- Only the whole file is known without reading it.
SELECT 'database', NULL, (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)
