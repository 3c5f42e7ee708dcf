SELECT nextval('{schema}.fence')
