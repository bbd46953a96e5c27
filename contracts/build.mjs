// Compiles the contracts with the pinned compiler and writes what the repository keeps of them:
//   chain/abi/<Contract>.json, tests/contracts/artifacts/<Contract>.json, contracts/sources.json.
// `--check` writes nothing and fails when a kept file differs from what the sources give.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { source as sm3Source } from "./generate-sm3.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);
const COMPILER = "0.8.37";
const SOURCES = [
  "src/ICheckpointRegistry.sol",
  "src/CheckpointRegistry.sol",
  "src/MerkleSm3.sol",
  "src/Sm3.sol",
  "src/Sm3Reference.sol",
  "test/Sm3Harness.sol",
];
const KEPT = [
  { source: "src/CheckpointRegistry.sol", name: "CheckpointRegistry", folder: "chain/abi" },
  { source: "test/Sm3Harness.sol", name: "Sm3Harness", folder: "tests/contracts/artifacts" },
];
const SETTINGS = {
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 10000 },
  viaIR: false,
  metadata: { bytecodeHash: "none" },
  outputSelection: {
    "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"] },
  },
};

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const json = (value) => JSON.stringify(value, null, 2) + "\n";

function standardInput(read) {
  const sources = Object.fromEntries(SOURCES.map((path) => [path, { content: read(path) }]));
  return JSON.stringify({ language: "Solidity", sources, settings: SETTINGS });
}

function compile(input) {
  const solc = createRequire(import.meta.url)("solc");
  if (!solc.version().startsWith(COMPILER + "+")) {
    throw new Error(`solc ${solc.version()} is installed, ${COMPILER} is pinned: run npm ci`);
  }
  const output = JSON.parse(solc.compile(input));
  const messages = (output.errors ?? []).map((e) => e.formattedMessage);
  if (messages.length > 0) throw new Error("the compiler complains:\n" + messages.join("\n"));
  return { version: solc.version(), contracts: output.contracts };
}

function artifact({ source, name }, contracts) {
  const { abi, evm } = contracts[source][name];
  return json({
    contractName: name,
    abi,
    methodIdentifiers: evm.methodIdentifiers,
    bytecode: "0x" + evm.bytecode.object,
    deployedBytecode: "0x" + evm.deployedBytecode.object,
  });
}

function kept(read) {
  const input = standardInput(read);
  const { version, contracts } = compile(input);
  const files = { "contracts/src/Sm3.sol": read("src/Sm3.sol") };
  const artifacts = {};
  for (const entry of KEPT) {
    const path = `${entry.folder}/${entry.name}.json`;
    files[path] = artifact(entry, contracts);
    artifacts[path] = sha256(files[path]);
  }
  const { outputSelection, ...settings } = SETTINGS;
  const sources = Object.fromEntries(SOURCES.map((path) => [path, sha256(read(path))]));
  const summary = { compiler: version, settings, sources, input: sha256(input), artifacts };
  files["contracts/sources.json"] = json(summary);
  // The same summary travels with the Python package, which checks its artifacts against it.
  files["chain/abi/sources.json"] = files["contracts/sources.json"];
  return files;
}

function main() {
  const check = process.argv.includes("--check");
  const read = (path) =>
    path === "src/Sm3.sol" ? sm3Source() : readFileSync(join(HERE, path), "utf8");
  const differing = [];
  for (const [path, text] of Object.entries(kept(read))) {
    const full = join(ROOT, path);
    const same = existsSync(full) && readFileSync(full, "utf8") === text;
    if (check && !same) differing.push(path);
    if (!check && !same) {
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, text);
      console.log(`wrote ${path}`);
    }
  }
  if (differing.length > 0) {
    console.error(`differs from what the sources give: ${differing.join(", ")}; run npm run build`);
    process.exit(1);
  }
  console.log(check ? "the kept artifacts are what the sources give" : "done");
}

main();
