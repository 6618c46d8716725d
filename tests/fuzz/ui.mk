# fuzz targets of ui
