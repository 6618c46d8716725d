# fuzz targets of base
