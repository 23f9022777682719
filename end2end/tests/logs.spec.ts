import { readFileSync } from "node:fs";
import { logFile, ports } from "../servers";
import { expect, test } from "./portal";

test("the log of the whole run names nobody, and holds no code, token or identifier", () => {
  const lines = ports.flatMap((port) => readFileSync(logFile(port), "utf8").split("\n"));
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
