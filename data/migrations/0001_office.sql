-- The office's tables. `entry` and `item` are the ledger; every other table can be rebuilt from them or is
-- tied to them by commitments (src/store/tables.def says which it is).

-- ledger ------------------------------------------------------------------------------------------------------
CREATE TABLE entry(
    seq     INTEGER PRIMARY KEY,
    payload TEXT NOT NULL,              -- canonical JSON
    keyid   BLOB NOT NULL CHECK(length(keyid) = 32),
    sig     BLOB NOT NULL,              -- ECDSA P-256, DER
    leaf    BLOB NOT NULL CHECK(length(leaf) = 32)
) STRICT;

CREATE TABLE item(                      -- bundles of up to 256 items of one batch entry
    seq    INTEGER NOT NULL REFERENCES entry(seq),
    bundle INTEGER NOT NULL,
    count  INTEGER NOT NULL CHECK(count BETWEEN 1 AND 256),
    root   BLOB NOT NULL CHECK(length(root) = 32), -- RFC 6962, of these leaves: a proof needs no more of other bundles
    leaves BLOB NOT NULL,               -- count * 32 bytes
    data   BLOB,                        -- zstd of the items, each behind its length; then the SHA-256 of that; NULL: in a segment
    PRIMARY KEY(seq, bundle)
) STRICT;

-- derived: node hashes of the tree over all entries, as c2sp.org/tlog-tiles cuts them --------------------------
CREATE TABLE tile(
    level  INTEGER NOT NULL,            -- 0: leaves; its tiles are full, the last one above grows
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,               -- up to 256 * 32 bytes
    PRIMARY KEY(level, number)
) STRICT;

-- evidence: what the office signed for outsiders, and what witnesses signed under it ---------------------------------
CREATE TABLE checkpoint(
    id   INTEGER PRIMARY KEY,           -- 1, 2, ... without gaps
    size INTEGER NOT NULL UNIQUE,       -- entries it covers
    note TEXT NOT NULL,                 -- the signed note as published
    edge BLOB NOT NULL                  -- right edge of the tree there, smallest subtree first
) STRICT;

CREATE TABLE cosignature(
    checkpoint INTEGER NOT NULL REFERENCES checkpoint(id),
    witness    INTEGER NOT NULL REFERENCES witness(id),
    line       TEXT NOT NULL,           -- signature line of the note
    PRIMARY KEY(checkpoint, witness)
) STRICT, WITHOUT ROWID;

-- committed, sealed: values that stand in the ledger only as salted commitments ----------------------------------
CREATE TABLE personal(                  -- by owner, so that an import appends: hashes as keys would land anywhere
    owner TEXT NOT NULL,                -- table that holds the commitment,
    id    INTEGER NOT NULL,             -- its row
    field TEXT NOT NULL,                -- and column
    hash  BLOB NOT NULL CHECK(length(hash) = 32),
    salt  BLOB CHECK(length(salt) = 32),
    value TEXT,                         -- NULL as its salt is: erased
    PRIMARY KEY(owner, id, field, hash),
    CHECK((salt IS NULL) = (value IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX personal_login ON personal(value) WHERE owner = 'user' AND field = 'login';

CREATE TABLE attachment_content(        -- photos and documents
    id    INTEGER PRIMARY KEY,
    hash  BLOB NOT NULL CHECK(length(hash) = 32),
    salt  BLOB NOT NULL CHECK(length(salt) = 32),
    value BLOB NOT NULL
) STRICT;

CREATE TABLE sealed(
    hash  BLOB PRIMARY KEY CHECK(length(hash) = 32),
    salt  BLOB NOT NULL CHECK(length(salt) = 32),
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- projections: the office and its people ---------------------------------------------------------------------------
CREATE TABLE office(
    id       INTEGER PRIMARY KEY CHECK(id = 1),
    code     TEXT NOT NULL,
    name     TEXT NOT NULL,
    currency TEXT NOT NULL,
    zone     TEXT NOT NULL,
    locale   TEXT NOT NULL
) STRICT;

CREATE TABLE role_grant(
    role    TEXT NOT NULL,
    command TEXT NOT NULL,
    PRIMARY KEY(role, command)
) STRICT, WITHOUT ROWID;

CREATE TABLE user(
    id     INTEGER PRIMARY KEY,
    state  TEXT NOT NULL CHECK(state IN ('active', 'disabled')),
    login  BLOB NOT NULL,               -- commitment
    name   BLOB NOT NULL,               -- commitment
    secret BLOB NOT NULL,               -- commitment to the sealed signing key
    keyid  BLOB NOT NULL
) STRICT;

CREATE TABLE user_role(
    user INTEGER NOT NULL REFERENCES user(id),
    role TEXT NOT NULL,
    PRIMARY KEY(user, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE key(
    keyid      BLOB PRIMARY KEY,
    owner      TEXT NOT NULL,           -- "user:1", "office:SJ01"
    purpose    TEXT NOT NULL CHECK(purpose IN ('entry', 'log', 'document', 'recovery')),
    algorithm  TEXT NOT NULL CHECK(algorithm IN ('p256', 'ed25519')),
    spki       BLOB NOT NULL,
    valid_from INTEGER NOT NULL,        -- first position at which it may sign: entry, size of a checkpoint
    valid_to   INTEGER                  -- last one; NULL: still valid
) STRICT, WITHOUT ROWID;
CREATE INDEX key_by_owner ON key(owner, purpose);

-- projections: acts that others must approve ---------------------------------------------------------------------------
CREATE TABLE request(
    id        INTEGER PRIMARY KEY,
    command   TEXT NOT NULL,
    requester TEXT NOT NULL,            -- "user:1"
    opened    INTEGER NOT NULL,         -- entry
    needed    INTEGER NOT NULL CHECK(needed BETWEEN 1 AND 16),
    state     TEXT NOT NULL CHECK(state IN ('open', 'approved', 'done', 'rejected', 'withdrawn')),
    closed    INTEGER,                  -- entry
    secret    BLOB                      -- commitment to what is sealed until the act is done
) STRICT;
CREATE INDEX request_by_state ON request(state);

CREATE TABLE request_argument(
    request INTEGER NOT NULL REFERENCES request(id),
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY(request, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE approval(
    request INTEGER NOT NULL REFERENCES request(id),
    who     TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY(request, who)
) STRICT, WITHOUT ROWID;

CREATE TABLE approval_policy(
    command TEXT PRIMARY KEY,
    needed  INTEGER NOT NULL CHECK(needed BETWEEN 1 AND 16)
) STRICT, WITHOUT ROWID;
CREATE TABLE witness(
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    vkey    TEXT NOT NULL,              -- C2SP verifier key, type 0x04
    added   INTEGER NOT NULL,           -- entry
    removed INTEGER                     -- entry; NULL: still trusted
) STRICT;

CREATE TABLE rollback(                  -- the ledger went on behind a checkpoint that had been published
    seq            INTEGER PRIMARY KEY, -- entry that says so
    published_size INTEGER NOT NULL,
    published_root BLOB NOT NULL,
    size           INTEGER NOT NULL,    -- where it went on
    root           BLOB NOT NULL
) STRICT;

-- projections: customers, meters -------------------------------------------------------------------------------------
CREATE TABLE customer(
    id      INTEGER PRIMARY KEY,
    name    BLOB NOT NULL,              -- commitments from here on
    tax_id  BLOB,
    phone   BLOB,
    email   BLOB,
    address BLOB
) STRICT;

CREATE TABLE account(
    id       INTEGER PRIMARY KEY,
    number   TEXT NOT NULL UNIQUE,
    customer INTEGER NOT NULL REFERENCES customer(id),
    currency TEXT NOT NULL,
    opened   TEXT NOT NULL,
    closed   TEXT
) STRICT;
CREATE INDEX account_by_customer ON account(customer);

CREATE TABLE service_point(
    id          INTEGER PRIMARY KEY,
    place       BLOB NOT NULL,          -- commitment
    route       TEXT NOT NULL,
    route_order INTEGER NOT NULL
) STRICT;

CREATE TABLE meter(
    id        INTEGER PRIMARY KEY,
    serial    TEXT NOT NULL UNIQUE,
    kind      TEXT NOT NULL CHECK(kind IN ('water', 'energy', 'gas')),
    state     TEXT NOT NULL CHECK(state IN ('in_service', 'out_of_service', 'removed')),
    point     INTEGER NOT NULL REFERENCES service_point(id),
    installed TEXT NOT NULL,
    removed   TEXT,
    replaces  INTEGER REFERENCES meter(id), -- whose place it took; its bills go on where that one's end
    run       INTEGER REFERENCES import_run(id) -- import that took its exchange from a file; NULL: none did
) STRICT;
CREATE INDEX meter_by_replaced ON meter(replaces) WHERE replaces IS NOT NULL;
CREATE INDEX meter_by_run ON meter(run) WHERE run IS NOT NULL;
CREATE INDEX meter_by_state ON meter(state);
CREATE INDEX meter_by_point ON meter(point);

CREATE TABLE register(
    id         INTEGER PRIMARY KEY,
    meter      INTEGER NOT NULL REFERENCES meter(id),
    obis       TEXT NOT NULL,
    unit       TEXT NOT NULL,
    digits     INTEGER NOT NULL,        -- integer digits of the dial
    decimals   INTEGER NOT NULL,        -- decimals of the dial, in unit
    multiplier INTEGER NOT NULL,
    max_rate   INTEGER,                 -- smallest unit an hour; NULL: the kind's default
    UNIQUE(meter, obis)
) STRICT;

CREATE TABLE assignment(                -- whose meter, and by which tariff
    id         INTEGER PRIMARY KEY,
    meter      INTEGER NOT NULL REFERENCES meter(id),
    account    INTEGER NOT NULL REFERENCES account(id),
    tariff     TEXT NOT NULL,
    start_date TEXT NOT NULL,
    end_date   TEXT
) STRICT;
CREATE INDEX assignment_by_meter ON assignment(meter, start_date);
CREATE INDEX assignment_by_account ON assignment(account);

CREATE TABLE usage_limit(
    id         INTEGER PRIMARY KEY,
    meter      INTEGER NOT NULL REFERENCES meter(id),
    value      INTEGER NOT NULL,        -- smallest unit, per billing period
    start_date TEXT NOT NULL,
    end_date   TEXT
) STRICT;
CREATE INDEX usage_limit_by_meter ON usage_limit(meter, start_date);

CREATE TABLE gas_factor(                -- never changed: a later one that holds for the same days counts
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL CHECK(kind = 'volume' OR kind = 'calorific'),
    meter      INTEGER REFERENCES meter(id), -- NULL: of all in a zone
    zone       TEXT NOT NULL,           -- '': everywhere
    value      TEXT NOT NULL,           -- decimal: m3 at base conditions for 1 m3; MJ/m3
    start_date TEXT NOT NULL,
    end_date   TEXT,
    conditions TEXT NOT NULL,           -- that a volume factor was reckoned from; ''
    source     TEXT NOT NULL,           -- who published it
    run        INTEGER REFERENCES import_run(id),
    seq        INTEGER NOT NULL
) STRICT;
CREATE INDEX gas_factor_by_day ON gas_factor(kind, start_date, zone, meter);
CREATE INDEX gas_factor_by_meter ON gas_factor(meter, kind, start_date) WHERE meter IS NOT NULL;
CREATE INDEX gas_factor_by_zone ON gas_factor(zone, kind, start_date) WHERE meter IS NULL;
CREATE TABLE gas_zone(                  -- whose factors a meter, or the meters of a route, have
    id         INTEGER PRIMARY KEY,
    meter      INTEGER REFERENCES meter(id),
    route      TEXT,
    zone       TEXT NOT NULL,
    start_date TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    CHECK((meter IS NULL) <> (route IS NULL))
) STRICT;
CREATE INDEX gas_zone_by_meter ON gas_zone(meter) WHERE meter IS NOT NULL;
CREATE INDEX gas_zone_by_route ON gas_zone(route) WHERE route IS NOT NULL;
CREATE TABLE feed(                      -- feeder or macro-meter above a meter
    id         INTEGER PRIMARY KEY,
    meter      INTEGER NOT NULL REFERENCES meter(id),
    above      INTEGER NOT NULL REFERENCES meter(id),
    start_date TEXT NOT NULL,
    end_date   TEXT,
    deduct     INTEGER NOT NULL         -- 1: its use is taken off the bill of the meter above
) STRICT;
CREATE INDEX feed_by_meter ON feed(meter, start_date);
CREATE INDEX feed_by_above ON feed(above);

CREATE TABLE rule_setting(              -- validation rules in place of their defaults
    kind     TEXT NOT NULL,             -- of meter
    rule     TEXT NOT NULL,
    active   INTEGER NOT NULL,
    hold     INTEGER NOT NULL,          -- readings wait for a supervisor
    severity TEXT NOT NULL,
    limit0   INTEGER NOT NULL,          -- what each is: docs/validation.md
    limit1   INTEGER NOT NULL,
    limit2   INTEGER NOT NULL,
    limit3   INTEGER NOT NULL,
    limit4   INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    PRIMARY KEY(kind, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE personal_past(             -- commitments that hold no more: a newer one replaced them, or they were erased
    owner    TEXT NOT NULL,
    id       INTEGER NOT NULL,
    field    TEXT NOT NULL,
    hash     BLOB NOT NULL,
    replaced INTEGER,                   -- entry
    erased   INTEGER,                   -- entry
    PRIMARY KEY(owner, id, field, hash)
) STRICT, WITHOUT ROWID;

-- projections: readings ----------------------------------------------------------------------------------------------
CREATE TABLE import_run(
    id        INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL,
    file      TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    mapping   TEXT NOT NULL,
    state     TEXT NOT NULL CHECK(state IN ('open', 'closed', 'discarded')),
    opened    INTEGER NOT NULL,         -- entry
    ended     INTEGER,                  -- entry
    batches   INTEGER NOT NULL,
    items     INTEGER NOT NULL
) STRICT;

CREATE TABLE old_number(                -- what customers and accounts were called in an earlier system
    owner  TEXT NOT NULL CHECK(owner = 'customer' OR owner = 'account'),
    number TEXT NOT NULL,
    id     INTEGER NOT NULL,
    PRIMARY KEY(owner, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX old_number_by_id ON old_number(owner, id);

CREATE TABLE reading(
    id       INTEGER PRIMARY KEY,
    register INTEGER NOT NULL REFERENCES register(id),
    utc      INTEGER NOT NULL,          -- seconds
    local    INTEGER NOT NULL,          -- wall clock as written, seconds as if it were UTC
    value    INTEGER NOT NULL,          -- smallest unit
    -- not IN (...): SQLite would build a table for the list at every insert, a third of an import's time
    state    TEXT NOT NULL CHECK(state = 'accepted' OR state = 'held' OR state = 'rejected' OR state = 'corrected'),
    source   TEXT NOT NULL CHECK(source = 'import' OR source = 'automatic' OR source = 'manual' OR source = 'customer'
                                 OR source = 'install' OR source = 'removal' OR source = 'estimated'
                                 OR source = 'correction'),
    run      INTEGER REFERENCES import_run(id),
    seq      INTEGER NOT NULL,          -- entry that recorded it
    line     INTEGER NOT NULL           -- of the imported file; 0: by hand
) STRICT;
CREATE INDEX reading_by_register ON reading(register, utc);
CREATE INDEX reading_held ON reading(register) WHERE state = 'held';

CREATE TABLE visit(                     -- a reader stood before the meter, and did not read it or noted something
    id    INTEGER PRIMARY KEY,
    meter INTEGER NOT NULL REFERENCES meter(id),
    date  TEXT NOT NULL,
    skip  TEXT NOT NULL,                -- code of why it was not read; '': it was
    note  BLOB,                         -- commitment
    run   INTEGER NOT NULL REFERENCES import_run(id),
    line  INTEGER NOT NULL
) STRICT;
CREATE INDEX visit_by_meter ON visit(meter, date);

CREATE TABLE finding(                   -- which rule said what of which reading
    reading   INTEGER NOT NULL REFERENCES reading(id),
    rule      TEXT NOT NULL,
    class     TEXT NOT NULL,
    observed  INTEGER NOT NULL,
    threshold INTEGER NOT NULL,
    hold      INTEGER NOT NULL,
    PRIMARY KEY(reading, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE reading_note(
    reading INTEGER PRIMARY KEY REFERENCES reading(id),
    note    BLOB NOT NULL               -- commitment
) STRICT;

CREATE TABLE decision(
    id        INTEGER PRIMARY KEY,
    reading   INTEGER NOT NULL REFERENCES reading(id),
    action    TEXT NOT NULL CHECK(action IN ('accept', 'reject', 'correct')),
    reason    TEXT NOT NULL,
    corrected INTEGER REFERENCES reading(id),
    undone    INTEGER,                  -- entry; NULL: it stands
    seq       INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_by_reading ON decision(reading);

CREATE TABLE estimate(                  -- what an estimated reading was reckoned from
    reading INTEGER PRIMARY KEY REFERENCES reading(id),
    method  TEXT NOT NULL,              -- mean, year, peers, between
    base    INTEGER NOT NULL REFERENCES reading(id), -- that it counts on from
    use     INTEGER NOT NULL,           -- smallest unit
    secs    INTEGER NOT NULL CHECK(secs > 0), -- in which it was used
    periods INTEGER NOT NULL            -- of the meter, or meters of its group
) STRICT;

CREATE TABLE mapping(
    name TEXT PRIMARY KEY,
    spec TEXT NOT NULL,
    seq  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attachment(
    id       INTEGER PRIMARY KEY,
    owner    TEXT NOT NULL,             -- what it belongs to: "reading", "meter" ...
    owner_id INTEGER NOT NULL,
    type     TEXT NOT NULL,             -- media type, by content
    bytes    INTEGER NOT NULL,
    name     BLOB NOT NULL,             -- commitment to the file's name
    content  BLOB NOT NULL,             -- commitment
    seq      INTEGER NOT NULL           -- entry that recorded it
) STRICT;
CREATE INDEX attachment_by_owner ON attachment(owner, owner_id);
-- projections: devices and their packets -------------------------------------------------------------------------------
CREATE TABLE device(
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE           -- what its packets call it
) STRICT;

CREATE TABLE device_key(
    keyid      BLOB PRIMARY KEY CHECK(length(keyid) = 32),
    device     INTEGER NOT NULL REFERENCES device(id),
    spki       BLOB NOT NULL,
    curve      TEXT NOT NULL,
    valid_from INTEGER NOT NULL,        -- first entry whose packets it may have signed
    valid_to   INTEGER                  -- last one; NULL: still valid
) STRICT, WITHOUT ROWID;
CREATE INDEX device_key_by_device ON device_key(device, valid_from);

CREATE TABLE device_place(              -- which register it measures, by the packets' time
    device   INTEGER NOT NULL REFERENCES device(id),
    from_utc INTEGER NOT NULL,          -- seconds
    register INTEGER NOT NULL REFERENCES register(id),
    seq      INTEGER NOT NULL,
    PRIMARY KEY(device, from_utc)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_place_by_register ON device_place(register);

CREATE TABLE device_curve(              -- policy for the document's packets; none: secp256r1
    curve TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE packet(                    -- numbers that were used, and by which bytes
    device INTEGER NOT NULL REFERENCES device(id),
    lane   INTEGER NOT NULL,            -- 0 JSON, 1 OCMF transactions, 2 OCMF fiscal records
    nonce  INTEGER NOT NULL,
    hash   BLOB NOT NULL,               -- SHA-256 of the packet as it came
    utc    INTEGER NOT NULL,            -- seconds
    value  INTEGER,                     -- cumulative register, smallest unit; NULL: it held none that counts
    seq    INTEGER NOT NULL,            -- entry and item that hold it
    item   INTEGER NOT NULL,
    PRIMARY KEY(device, lane, nonce)
) STRICT, WITHOUT ROWID;

CREATE TABLE segment(                   -- closed windows in a file of their own
    id      INTEGER PRIMARY KEY,        -- 1, 2, ... one behind the other
    first   INTEGER NOT NULL,           -- windows: import_run
    last    INTEGER NOT NULL,
    windows INTEGER NOT NULL,
    batches INTEGER NOT NULL,
    packets INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,           -- of the file, and its SHA-256
    sha256  BLOB NOT NULL CHECK(length(sha256) = 32),
    root    BLOB NOT NULL CHECK(length(root) = 32), -- over the roots of the batches
    size    INTEGER NOT NULL,           -- of the checkpoint in it
    sealed  INTEGER NOT NULL,           -- entry
    dropped INTEGER                     -- entry since which the packets need not be in `item`; NULL: they are
) STRICT;

-- projections: tariffs, bills ------------------------------------------------------------------------------------------
CREATE TABLE tariff(
    id         INTEGER PRIMARY KEY,
    code       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    currency   TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    hash       BLOB NOT NULL,
    json       TEXT NOT NULL,
    UNIQUE(code, version)
) STRICT;

CREATE TABLE cycle(                     -- what is billed together
    name   TEXT PRIMARY KEY,
    months INTEGER NOT NULL,            -- of a period
    day    INTEGER NOT NULL,            -- of the month, on which it starts
    seq    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cycle_route(
    route TEXT PRIMARY KEY,
    cycle TEXT NOT NULL REFERENCES cycle(name)
) STRICT, WITHOUT ROWID;

CREATE TABLE cycle_account(             -- in it whatever the route of its meters
    account INTEGER PRIMARY KEY REFERENCES account(id),
    cycle   TEXT NOT NULL REFERENCES cycle(name)
) STRICT;

CREATE TABLE billing_run(
    id         INTEGER PRIMARY KEY,
    cycle      TEXT,                    -- whose accounts; NULL: those in no cycle
    start_date TEXT NOT NULL,
    end_date   TEXT NOT NULL,
    start_utc  INTEGER NOT NULL,
    end_utc    INTEGER NOT NULL,
    issued     TEXT NOT NULL,
    due        TEXT NOT NULL,
    state      TEXT NOT NULL CHECK(state IN ('open', 'closed', 'discarded')),
    opened     INTEGER NOT NULL,
    ended      INTEGER,
    batches    INTEGER NOT NULL,
    items      INTEGER NOT NULL,
    total      INTEGER NOT NULL
) STRICT;

CREATE TABLE bill(
    id         INTEGER PRIMARY KEY,     -- the number printed on it, without gaps
    run        INTEGER NOT NULL REFERENCES billing_run(id),
    account    INTEGER NOT NULL REFERENCES account(id),
    start_date TEXT NOT NULL,
    end_date   TEXT NOT NULL,
    issued     TEXT NOT NULL,
    due        TEXT NOT NULL,
    currency   TEXT NOT NULL,
    total      INTEGER NOT NULL,        -- minor units
    cancelled  INTEGER,                 -- entry; NULL: in force
    seq        INTEGER NOT NULL,
    item       INTEGER NOT NULL         -- index in the batch
) STRICT;
CREATE INDEX bill_by_account ON bill(account, start_date);
CREATE INDEX bill_by_run ON bill(run);

CREATE TABLE bill_meter(                -- a register's share of a bill
    bill         INTEGER NOT NULL REFERENCES bill(id),
    register     INTEGER NOT NULL REFERENCES register(id),
    from_reading INTEGER NOT NULL REFERENCES reading(id),
    to_reading   INTEGER NOT NULL REFERENCES reading(id),
    consumption  INTEGER NOT NULL,      -- smallest unit
    days         INTEGER NOT NULL,
    whole_days   INTEGER,               -- with those of the meter it was exchanged with; NULL: of itself
    tariff       INTEGER NOT NULL REFERENCES tariff(id),
    threshold    INTEGER,               -- the limit of the period; NULL: none
    flags        TEXT NOT NULL,         -- exceptions, comma-separated
    charged      INTEGER,               -- what the tariff charges, its smallest unit; NULL: the consumption
    PRIMARY KEY(bill, register)
) STRICT, WITHOUT ROWID;
CREATE TABLE bill_sub(                  -- sub-meters whose use was taken off a share
    bill         INTEGER NOT NULL REFERENCES bill(id),
    register     INTEGER NOT NULL REFERENCES register(id),
    sub          INTEGER NOT NULL,
    source       INTEGER NOT NULL REFERENCES register(id), -- of the sub-meter
    from_reading INTEGER NOT NULL REFERENCES reading(id),
    to_reading   INTEGER NOT NULL REFERENCES reading(id),
    use          INTEGER NOT NULL,
    PRIMARY KEY(bill, register, sub)
) STRICT, WITHOUT ROWID;
CREATE INDEX bill_sub_by_source ON bill_sub(source, bill);
CREATE TABLE bill_gas(                  -- days of a share with the same factors of gas
    bill         INTEGER NOT NULL REFERENCES bill(id),
    register     INTEGER NOT NULL REFERENCES register(id),
    span         INTEGER NOT NULL,
    days         INTEGER NOT NULL,
    volume       TEXT NOT NULL,
    calorific    TEXT,                  -- MJ/m3; NULL: cubic metres are charged
    volume_factor    INTEGER REFERENCES gas_factor(id), -- NULL: none, 1
    calorific_factor INTEGER REFERENCES gas_factor(id),
    PRIMARY KEY(bill, register, span)
) STRICT, WITHOUT ROWID;
CREATE INDEX bill_gas_by_volume ON bill_gas(volume_factor) WHERE volume_factor IS NOT NULL;
CREATE INDEX bill_gas_by_calorific ON bill_gas(calorific_factor) WHERE calorific_factor IS NOT NULL;
CREATE INDEX bill_meter_by_register ON bill_meter(register, bill);

CREATE TABLE bill_part(                 -- of a share, where prices or seasons change or other registers count
    bill        INTEGER NOT NULL REFERENCES bill(id),
    register    INTEGER NOT NULL REFERENCES register(id),
    part        INTEGER NOT NULL,
    start_date  TEXT NOT NULL,
    days        INTEGER NOT NULL,
    consumption INTEGER NOT NULL,
    tariff      INTEGER NOT NULL REFERENCES tariff(id),
    threshold   INTEGER,
    PRIMARY KEY(bill, register, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE bill_quantity(             -- what a tariff measures besides the use of the main register
    bill         INTEGER NOT NULL REFERENCES bill(id),
    register     INTEGER NOT NULL REFERENCES register(id),
    part         INTEGER NOT NULL,
    name         TEXT NOT NULL,
    value        INTEGER NOT NULL,
    source       INTEGER REFERENCES register(id),
    from_reading INTEGER REFERENCES reading(id),
    to_reading   INTEGER REFERENCES reading(id),
    PRIMARY KEY(bill, register, part, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX bill_quantity_by_source ON bill_quantity(source, bill) WHERE source IS NOT NULL;

CREATE TABLE bill_line(
    bill        INTEGER NOT NULL REFERENCES bill(id),
    line        INTEGER NOT NULL,
    register    INTEGER NOT NULL REFERENCES register(id),
    part        INTEGER NOT NULL,
    component   TEXT NOT NULL,
    formula     TEXT NOT NULL,          -- how it was reckoned: use, excess, percent ...
    label_es    TEXT NOT NULL,
    label_en    TEXT NOT NULL,
    quantity    TEXT NOT NULL,          -- decimal in unit
    unit        TEXT NOT NULL,
    price       TEXT NOT NULL,
    amount      INTEGER NOT NULL,       -- minor units
    explanation TEXT NOT NULL,
    PRIMARY KEY(bill, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE surcharge(
    bill        INTEGER NOT NULL REFERENCES bill(id),
    register    INTEGER NOT NULL REFERENCES register(id),
    consumption INTEGER NOT NULL,
    threshold   INTEGER NOT NULL,
    excess      INTEGER NOT NULL,
    amount      INTEGER NOT NULL,
    PRIMARY KEY(bill, register)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert(
    id         INTEGER PRIMARY KEY,
    meter      INTEGER NOT NULL REFERENCES meter(id),
    rule       TEXT NOT NULL,
    date       TEXT NOT NULL,
    reading    INTEGER REFERENCES reading(id),
    bill       INTEGER REFERENCES bill(id),
    observed   INTEGER NOT NULL,
    threshold  INTEGER NOT NULL,
    resolved   INTEGER,                 -- entry; NULL: open
    resolution TEXT
) STRICT;
CREATE INDEX alert_by_meter ON alert(meter);
CREATE INDEX alert_open ON alert(meter) WHERE resolved IS NULL;
CREATE INDEX alert_by_reading ON alert(reading) WHERE reading IS NOT NULL;

-- projections: receivables -----------------------------------------------------------------------------------------------
-- The account's ledger: what is owed (positive) and what was given for it (negative), never changed; `open` is what
-- allocations have not settled yet.
CREATE TABLE posting(
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account(id),
    date    TEXT NOT NULL,              -- business date
    kind    TEXT NOT NULL CHECK(kind = 'opening' OR kind = 'bill' OR kind = 'void' OR kind = 'debit_note'
                                OR kind = 'credit_note' OR kind = 'payment' OR kind = 'reversal' OR kind = 'refund'
                                OR kind = 'write_off'),
    ref     INTEGER NOT NULL,           -- number of the bill, note or payment; 0: none
    due     TEXT NOT NULL,              -- of what is owed; else the date
    amount  INTEGER NOT NULL,           -- minor units; positive: the customer owes
    open    INTEGER NOT NULL,           -- what is not settled; between 0 and amount
    seq     INTEGER NOT NULL,
    CHECK((amount >= 0 AND open >= 0 AND open <= amount) OR (amount < 0 AND open <= 0 AND open >= amount))
) STRICT;
CREATE INDEX posting_by_account ON posting(account, id);
CREATE INDEX posting_by_ref ON posting(kind, ref);
CREATE INDEX posting_debit ON posting(account, due, id) WHERE open > 0;
CREATE INDEX posting_amount ON posting(open) WHERE open > 0;
CREATE INDEX posting_credit ON posting(account, id) WHERE open < 0;

CREATE TABLE opened_balance(            -- openings that came from a file
    posting   INTEGER PRIMARY KEY REFERENCES posting(id),
    run       INTEGER NOT NULL REFERENCES import_run(id),
    reference TEXT NOT NULL,            -- what the earlier system called it; '': nothing
    line      INTEGER NOT NULL
) STRICT;

CREATE TABLE old_bill(                  -- bills that an earlier system made: history, nothing is owed for them
    id         INTEGER PRIMARY KEY,
    account    INTEGER NOT NULL REFERENCES account(id),
    number     TEXT NOT NULL,
    issued     TEXT NOT NULL,
    due        TEXT,
    start_date TEXT,
    end_date   TEXT,
    amount     INTEGER NOT NULL,        -- minor units
    use        TEXT,                    -- decimal in unit
    unit       TEXT,
    meter      INTEGER REFERENCES meter(id),
    run        INTEGER NOT NULL REFERENCES import_run(id),
    line       INTEGER NOT NULL
) STRICT;
CREATE INDEX old_bill_by_account ON old_bill(account, number);
CREATE INDEX old_bill_by_number ON old_bill(number);

CREATE TABLE allocation(                -- which credit settles which debit
    id     INTEGER PRIMARY KEY,
    credit INTEGER NOT NULL REFERENCES posting(id),
    debit  INTEGER NOT NULL REFERENCES posting(id),
    amount INTEGER NOT NULL,            -- negative: takes an earlier one back
    seq    INTEGER NOT NULL
) STRICT;
CREATE INDEX allocation_by_credit ON allocation(credit);
CREATE INDEX allocation_by_debit ON allocation(debit);

CREATE TABLE document(                  -- numbered without gaps, a series a type; bills have their own table
    type    TEXT NOT NULL CHECK(type IN ('credit_note', 'debit_note', 'receipt')),
    number  INTEGER NOT NULL,
    account INTEGER NOT NULL REFERENCES account(id),
    date    TEXT NOT NULL,
    amount  INTEGER NOT NULL,
    bill    INTEGER REFERENCES bill(id),
    reading INTEGER REFERENCES reading(id), -- the one whose correction the note follows
    cause   TEXT NOT NULL,              -- payment, deposit, manual, cancel, correction, late_fee
    reason  TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY(type, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_by_account ON document(account, date);
CREATE INDEX document_by_bill ON document(bill) WHERE bill IS NOT NULL;

CREATE TABLE payment(
    id       INTEGER PRIMARY KEY,
    account  INTEGER NOT NULL REFERENCES account(id),
    receipt  INTEGER NOT NULL,          -- document of that number
    posting  INTEGER NOT NULL REFERENCES posting(id),
    date     TEXT NOT NULL,
    value_date TEXT NOT NULL,           -- when the money was there
    channel  TEXT NOT NULL,             -- counter, bank, agency, deposit
    txn      TEXT NOT NULL,             -- with the channel, what makes it this payment and no other
    method   TEXT NOT NULL,             -- cash, card, cheque, transfer, deposit
    amount   INTEGER NOT NULL,          -- minor units of the account's currency
    tender_currency TEXT NOT NULL,
    tendered INTEGER NOT NULL,          -- minor units of tender_currency
    rate     TEXT NOT NULL,             -- account's currency for one of the tender's
    change   INTEGER NOT NULL,          -- given back, in the account's currency
    shift    INTEGER,                   -- of the cash drawer
    deposit  INTEGER,                   -- that paid it
    bank_row INTEGER,                   -- row of the bank file it came by
    state    TEXT NOT NULL CHECK(state IN ('posted', 'reversed', 'undone')),
    seq      INTEGER NOT NULL
) STRICT;
CREATE INDEX payment_by_account ON payment(account, date);
CREATE UNIQUE INDEX payment_by_receipt ON payment(receipt);
CREATE INDEX payment_by_date ON payment(date);
CREATE INDEX payment_by_shift ON payment(shift) WHERE shift IS NOT NULL;
CREATE INDEX payment_by_bank_row ON payment(bank_row) WHERE bank_row IS NOT NULL;
CREATE UNIQUE INDEX payment_once ON payment(channel, txn) WHERE state <> 'undone';

CREATE TABLE shift(                     -- a cash drawer in somebody's hands
    id       INTEGER PRIMARY KEY,
    drawer   TEXT NOT NULL,
    user     INTEGER NOT NULL REFERENCES user(id),
    opened   TEXT NOT NULL,
    closed   TEXT,
    counted  INTEGER,                   -- minor units found at its end
    expected INTEGER,                   -- that should have been there
    reason   TEXT,                      -- for the difference
    previous INTEGER REFERENCES shift(id), -- handed over by
    seq      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX shift_drawer_once ON shift(drawer) WHERE closed IS NULL;
CREATE UNIQUE INDEX shift_user_once ON shift(user) WHERE closed IS NULL;

CREATE TABLE cash_move(
    id     INTEGER PRIMARY KEY,
    shift  INTEGER NOT NULL REFERENCES shift(id),
    date   TEXT NOT NULL,
    kind   TEXT NOT NULL,               -- float, payment, reversal, refund, deposit, deposit_return, in, out
    amount INTEGER NOT NULL,            -- into the drawer; negative: out of it
    ref    INTEGER NOT NULL,            -- payment, deposit ...; 0: none
    reason TEXT NOT NULL,
    seq    INTEGER NOT NULL
) STRICT;
CREATE INDEX cash_move_by_shift ON cash_move(shift);
CREATE INDEX cash_move_by_date ON cash_move(date);

CREATE TABLE deposit(                   -- held for an account; owed to it, no part of its balance
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account(id),
    receipt INTEGER NOT NULL,
    date    TEXT NOT NULL,
    amount  INTEGER NOT NULL,
    rest    INTEGER NOT NULL CHECK(rest >= 0 AND rest <= amount), -- still held
    seq     INTEGER NOT NULL
) STRICT;
CREATE INDEX deposit_by_account ON deposit(account);

CREATE TABLE plan(                      -- instalments; whether it is kept follows from what is open of its items
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account(id),
    made    TEXT NOT NULL,
    total   INTEGER NOT NULL,
    ended   TEXT,
    reason  TEXT,
    seq     INTEGER NOT NULL
) STRICT;
CREATE INDEX plan_by_account ON plan(account) WHERE ended IS NULL;

CREATE TABLE plan_item(                 -- what was open when it was made
    plan    INTEGER NOT NULL REFERENCES plan(id),
    posting INTEGER NOT NULL REFERENCES posting(id),
    amount  INTEGER NOT NULL,
    PRIMARY KEY(plan, posting)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_part(
    plan   INTEGER NOT NULL REFERENCES plan(id),
    part   INTEGER NOT NULL,
    due    TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY(plan, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE policy(                    -- rules of the office that are data, by name
    name TEXT PRIMARY KEY,
    spec TEXT NOT NULL,
    seq  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE registration(              -- what a tax authority answered to a document
    type      TEXT NOT NULL,
    number    INTEGER NOT NULL,
    authority TEXT NOT NULL,
    external  TEXT NOT NULL,
    date      TEXT NOT NULL,
    seq       INTEGER NOT NULL,
    PRIMARY KEY(type, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt_print(             -- each paper that was given out; the first one is the original
    receipt INTEGER NOT NULL,
    print   INTEGER NOT NULL,           -- 1, 2, ...
    date    TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY(receipt, print)
) STRICT, WITHOUT ROWID;

CREATE TABLE charge_file(               -- what was sent to a bank or agency; made again from what stood at as_of
    id     INTEGER PRIMARY KEY,
    layout TEXT NOT NULL,
    spec   TEXT NOT NULL,               -- the layout as it was then
    as_of  INTEGER NOT NULL,            -- newest entry that counts
    due_by TEXT,
    route  TEXT,
    date   TEXT NOT NULL,
    count  INTEGER NOT NULL,
    total  INTEGER NOT NULL,            -- minor units
    sha256 TEXT NOT NULL,               -- of the file
    seq    INTEGER NOT NULL
) STRICT;

CREATE TABLE bank_file(                 -- statements of a bank or agency, imported as one
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    format  TEXT NOT NULL,
    channel TEXT NOT NULL,              -- bank, agency
    state   TEXT NOT NULL CHECK(state IN ('open', 'closed', 'discarded')),
    opened  INTEGER NOT NULL,           -- entry
    ended   INTEGER,
    rows    INTEGER NOT NULL
) STRICT;

CREATE TABLE bank_row(                  -- what it said; money without an account waits here (suspense)
    id         INTEGER PRIMARY KEY,
    file       INTEGER NOT NULL REFERENCES bank_file(id),
    key        TEXT NOT NULL,           -- the same for the same movement in any file
    date       TEXT NOT NULL,
    value_date TEXT NOT NULL,
    amount     INTEGER NOT NULL,        -- minor units; negative: went out
    rest       INTEGER NOT NULL,        -- of what came in, not given to an account
    state      TEXT NOT NULL CHECK(state = 'matched' OR state = 'unmatched' OR state = 'ignored' OR state = 'rejected'
                                   OR state = 'undone'),
    reason     TEXT NOT NULL,           -- how it was matched, or why not
    batch      TEXT,                    -- of a part of an entry: the same for all parts; what tells the entry
    reference  BLOB,                    -- commitments from here on
    name       BLOB,
    counter    BLOB,
    text       BLOB,
    seq        INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX bank_row_once ON bank_row(key) WHERE state <> 'undone';
CREATE INDEX bank_row_by_file ON bank_row(file);
CREATE INDEX bank_row_by_day ON bank_row(value_date, amount);
CREATE INDEX bank_row_waiting ON bank_row(id) WHERE state = 'unmatched';

-- projections: work in the field, disputes ------------------------------------------------------------------------------
CREATE TABLE work_order(
    id       INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL CHECK(kind IN ('cut', 'reconnect', 're-read', 'install', 'swap', 'inspect')),
    meter    INTEGER REFERENCES meter(id),   -- NULL: none yet, where one is to be installed
    account  INTEGER REFERENCES account(id), -- whose meter it was when the order was opened
    state    TEXT NOT NULL CHECK(state IN ('open', 'assigned', 'begun', 'done', 'failed', 'cancelled')),
    opened   TEXT NOT NULL,
    due      TEXT NOT NULL,
    assignee INTEGER REFERENCES user(id),
    reason   TEXT NOT NULL,
    result   TEXT,                      -- what was found, or why it was cancelled
    closed   TEXT,
    cut      INTEGER,                   -- cut order that it carries out or undoes
    follows  INTEGER REFERENCES work_order(id), -- the one that failed
    seq      INTEGER NOT NULL
) STRICT;
CREATE INDEX work_order_pending ON work_order(assignee, due) WHERE closed IS NULL;
CREATE INDEX work_order_by_meter ON work_order(meter);
CREATE INDEX work_order_by_cut ON work_order(cut) WHERE cut IS NOT NULL;

CREATE TABLE field_paper(               -- filled in and signed where a meter stands
    id          INTEGER PRIMARY KEY,
    template    TEXT NOT NULL,
    date        TEXT NOT NULL,
    meter       INTEGER REFERENCES meter(id),
    account     INTEGER REFERENCES account(id),
    work        INTEGER REFERENCES work_order(id),
    signer      BLOB,                   -- commitment: who signed for the customer
    due         TEXT,                   -- the next of its kind, or until when something is kept
    voided      TEXT,                   -- since when it counts no more
    void_reason TEXT,
    seq         INTEGER NOT NULL
) STRICT;
CREATE INDEX field_paper_by_meter ON field_paper(meter, template, date);
CREATE INDEX field_paper_by_account ON field_paper(account);

CREATE TABLE field_paper_value(
    paper    INTEGER NOT NULL REFERENCES field_paper(id),
    position INTEGER NOT NULL,
    name     TEXT NOT NULL,             -- parameter of the template's command
    value    TEXT NOT NULL,
    PRIMARY KEY(paper, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE dispute(
    id       INTEGER PRIMARY KEY,
    account  INTEGER NOT NULL REFERENCES account(id),
    bill     INTEGER REFERENCES bill(id),    -- of a reading: the bill that it went into
    reading  INTEGER REFERENCES reading(id),
    amount   INTEGER NOT NULL CHECK(amount >= 0), -- frozen while it is open, minor units
    state    TEXT NOT NULL CHECK(state IN ('open', 'upheld', 'partly', 'rejected', 'withdrawn')),
    opened   TEXT NOT NULL,
    deadline TEXT NOT NULL,
    reason   TEXT NOT NULL,
    closed   TEXT,
    resolution TEXT,
    note     INTEGER,                   -- credit note that followed
    seq      INTEGER NOT NULL,
    CHECK(bill IS NOT NULL OR reading IS NOT NULL)
) STRICT;
CREATE INDEX dispute_by_account ON dispute(account);
CREATE INDEX dispute_by_bill ON dispute(bill) WHERE bill IS NOT NULL;
CREATE INDEX dispute_open ON dispute(account) WHERE state = 'open';

-- projections: collection -------------------------------------------------------------------------------------------
CREATE TABLE notice(                    -- the outbox: what is to be told to whom
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account(id),
    step    INTEGER NOT NULL CHECK(step BETWEEN 1 AND 3),
    date    TEXT NOT NULL,
    overdue TEXT NOT NULL,              -- since when the oldest of it was due
    amount  INTEGER NOT NULL,           -- overdue and not in dispute, minor units
    seq     INTEGER NOT NULL
) STRICT;
CREATE INDEX notice_by_account ON notice(account, date);

CREATE TABLE protection(                -- customers who are never cut off before that day
    account INTEGER PRIMARY KEY REFERENCES account(id),
    until   TEXT NOT NULL,
    seq     INTEGER NOT NULL
) STRICT;

CREATE TABLE account_pin(               -- what opens an account at the kiosk
    account INTEGER PRIMARY KEY REFERENCES account(id),
    secret  BLOB NOT NULL,              -- commitment of the line sealed under the PIN
    seq     INTEGER NOT NULL
) STRICT;

CREATE TABLE cut_order(
    id       INTEGER PRIMARY KEY,
    account  INTEGER NOT NULL REFERENCES account(id),
    meter    INTEGER NOT NULL REFERENCES meter(id),
    state    TEXT NOT NULL CHECK(state IN ('quarantined', 'ordered', 'suspended', 'cut', 'reconnecting', 'reconnected', 'withdrawn')),
    date     TEXT NOT NULL,             -- what was due before this day is to be paid
    amount   INTEGER NOT NULL,          -- minor units
    request  INTEGER NOT NULL REFERENCES request(id), -- by which others approved it
    released INTEGER,                   -- milliseconds UTC; NULL: in quarantine
    dispute  INTEGER,                   -- that suspended it
    seq      INTEGER NOT NULL
) STRICT;
CREATE INDEX cut_order_by_account ON cut_order(account);
CREATE INDEX cut_order_released ON cut_order(released) WHERE released IS NOT NULL;
CREATE INDEX cut_order_waiting ON cut_order(account) WHERE state IN ('quarantined', 'ordered', 'cut');

-- projections: history ---------------------------------------------------------------------------------------------------
CREATE TABLE history(
    seq     INTEGER PRIMARY KEY REFERENCES entry(seq) DEFERRABLE INITIALLY DEFERRED, -- its entry may be at its signing
    time    INTEGER NOT NULL,           -- milliseconds UTC
    date    TEXT NOT NULL,
    kind    TEXT NOT NULL,
    actor   TEXT NOT NULL,
    meter   INTEGER,
    account INTEGER
) STRICT;
CREATE INDEX history_by_actor ON history(actor, seq);
CREATE INDEX history_by_kind ON history(kind, seq);
CREATE INDEX history_by_date ON history(date, seq);
CREATE INDEX history_by_meter ON history(meter, seq) WHERE meter IS NOT NULL;
CREATE INDEX history_by_account ON history(account, seq) WHERE account IS NOT NULL;
