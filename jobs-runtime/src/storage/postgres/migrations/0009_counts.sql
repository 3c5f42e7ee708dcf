-- By far most of the statistics are histograms, which charts do not read: 7 and 8 are the measures of waits and runs. What is counted is in no
-- index, so that adding to it stays as cheap as it was.
CREATE INDEX stat_counts ON {schema}.stat (grain, at) WHERE measure < 7;
