import { tmpdir } from "node:os";
import { join } from "node:path";

const postgres = process.env.TEST_POSTGRES_URL;

/** The demo servers of a run. Each has a household of its own. */
export const READ = 3199;
/** The household that tests change. */
export const CHANGED = 3197;
export const ON_POSTGRES = 3198;

/** What a server says during the whole run; a test reads it in the end. */
export const logFile = (port: number) => join(tmpdir(), `portal-e2e-${port}.log`);

export const databaseOf = (port: number) => (port === ON_POSTGRES ? `--database "${postgres}"` : "");

export const ports = postgres ? [READ, CHANGED, ON_POSTGRES] : [READ, CHANGED];
