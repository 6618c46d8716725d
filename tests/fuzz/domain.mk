# fuzz targets of domain
