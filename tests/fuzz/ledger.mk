# fuzz targets of ledger
