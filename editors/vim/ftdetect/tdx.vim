au BufRead,BufNewFile *.tdx setfiletype tdx
