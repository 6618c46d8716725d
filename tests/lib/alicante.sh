# shellcheck shell=bash
# Sourced: the demo's files with the 92 meters of Alicante in place of the demo's ten. Needs $top (the tree).
# alicante_demo FILE FOLDER: makes FOLDER/demo and FOLDER/tariffs, and sets $demo, for demo_office (data/demo/office.sh).
alicante_demo()
{
    mkdir "$2/demo" "$2/tariffs"
    cp "$top"/data/demo/mapping-*.json "$2/demo/"
    cp "$top/data/tariffs/demo-water.json" "$2/tariffs/"
    {
        echo "serial,kind,place,route,order,unit,digits,decimals,installed,account,customer,tariff,limit"
        zcat "$1" | tail -n +2 | cut -d';' -f1 | awk '!seen[$0]++' | awk '{
            printf "%s,water,Calle %d,R-%02d,%d,m3,5,3,2016-01-01,A-%03d,Cliente %d,demo-water,12\n", $1, NR, NR / 10 + 1, NR % 10, NR, NR
        }'
    } >"$2/demo/meters.csv"
    demo=$2/demo
}
