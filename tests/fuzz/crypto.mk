# fuzz targets of crypto
