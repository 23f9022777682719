# shellcheck shell=bash
# Sourced by scripts/test: a PostgreSQL server of its own, in a temporary folder, on a free loopback port.

PG_DIR=''

postgres_bin() { compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1; }

# PostgreSQL refuses to run as root.
as_postgres() {
    if ((EUID != 0)); then
        "$@"
    elif id postgres >/dev/null 2>&1; then
        runuser -u postgres -- "$@"
    else
        runuser -u nobody -- "$@"
    fi
}

# Starts the server and exports TEST_POSTGRES_URL. The caller sets `trap postgres_stop EXIT` before.
postgres_start() {
    local bin port
    bin=$(postgres_bin)
    [[ -x $bin/initdb ]] || die 'no PostgreSQL server found: run scripts/setup'
    # Below /tmp whatever TMPDIR says: the path of a socket must be short, and its owner must get there.
    PG_DIR=$(mktemp -d /tmp/portal-postgres.XXXXXX)
    if ((EUID == 0)); then chown "$(as_postgres id -u)" "$PG_DIR"; fi

    (cd "$PG_DIR" && as_postgres "$bin/initdb" --pgdata=data --username=portal --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync >initdb.log 2>&1) || {
        cat "$PG_DIR/initdb.log" >&2
        return 1
    }
    for _ in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 12000))
        if (cd "$PG_DIR" && as_postgres "$bin/pg_ctl" start --pgdata=data --log="$PG_DIR/server.log" --wait --silent \
            --options="-p $port -k $PG_DIR -c listen_addresses=127.0.0.1 -c max_connections=200 \
                -c fsync=off -c synchronous_commit=off -c full_page_writes=off"); then
            export TEST_POSTGRES_URL="postgres://portal@127.0.0.1:$port/postgres"
            echo "PostgreSQL $("$bin/postgres" --version | grep -Eo '[0-9.]+' | head -n 1) on port $port"
            return
        fi
    done
    cat "$PG_DIR/server.log" >&2
    return 1
}

postgres_stop() {
    [[ -n $PG_DIR ]] || return 0
    (cd "$PG_DIR" && as_postgres "$(postgres_bin)/pg_ctl" stop --pgdata=data --mode=immediate --silent) || true
    rm -rf "$PG_DIR"
    PG_DIR=''
}
