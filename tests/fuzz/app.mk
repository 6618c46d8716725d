# fuzz targets of app
