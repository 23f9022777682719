import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "./portal";

test("the log of the whole run names nobody, and holds no code, token or identifier", () => {
  const log = readFileSync(join(tmpdir(), "portal-e2e-3199.log"), "utf8");
  const lines = log.split("\n");
  expect(lines.filter((line) => line.includes("request")).length).toBeGreaterThan(500);
  const secrets = [
    /maria|harold|ernesto|tanya|rivera|bennett|morales/i,
    /@example\.org/,
    /\b[0-9a-f]{32,}\b/,
    /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/,
    /\b[2-9A-HJKMNP-TV-Z]{5}-[2-9A-HJKMNP-TV-Z]{5}\b/,
    /token|password=|again=/,
    /MRN-|Amoxicillin|Cardiology/,
    /panicked/,
  ];
  for (const secret of secrets) expect(lines.filter((line) => secret.test(line)).slice(0, 3)).toEqual([]);
});
