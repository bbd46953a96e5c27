// Compiles the contracts with the pinned compiler and writes what the repository keeps of them:
//   chain/abi/<Contract>.json, tests/contracts/artifacts/<Contract>.json, contracts/sources.json.
// `--check` writes nothing and fails when a kept file differs from what the sources give.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { source as sm3Source } from "./generate-sm3.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);
const COMPILER = "0.8.37";
const OUTPUT = {
  "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"] },
};
const COMMON = { evmVersion: "paris", viaIR: false, metadata: { bytecodeHash: "none" } };

// Each build is one input of the compiler: its sources, what they import of npm packages, its settings.
const BUILDS = {
  checkpoint: {
    sources: [
      "src/ICheckpointRegistry.sol",
      "src/CheckpointRegistry.sol",
      "src/MerkleSm3.sol",
      "src/Sm3.sol",
      "src/Sm3Reference.sol",
      "test/Sm3Harness.sol",
    ],
    settings: { ...COMMON, optimizer: { enabled: true, runs: 10000 } },
    kept: [
      { source: "src/CheckpointRegistry.sol", name: "CheckpointRegistry", folder: "chain/abi" },
      { source: "test/Sm3Harness.sol", name: "Sm3Harness", folder: "tests/contracts/artifacts" },
    ],
  },
  // Optimised for size: AllowanceRegistry is near the limit of 24,576 bytes, and gas has no price here.
  ledger: {
    sources: readdirSync(join(HERE, "src/ledger"))
      .sort()
      .map((name) => `src/ledger/${name}`),
    settings: { ...COMMON, optimizer: { enabled: true, runs: 1 } },
    kept: ["AccessRegistry", "RuleBook", "LotBook", "ObligationBook", "AllowanceRegistry"].map(
      (name) => ({ source: `src/ledger/${name}.sol`, name, folder: "chain/abi" }),
    ),
  },
};

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const json = (value) => JSON.stringify(value, null, 2) + "\n";

// Files of npm packages that the sources import, and what these import, in the order of their names.
function imported(sources) {
  const found = new Map();
  const visit = (path, text) => {
    for (const [, target] of text.matchAll(/^import [^;]*"([^"]+)";/gm)) {
      const name = target.startsWith(".") ? posix.join(posix.dirname(path), target) : target;
      if (name in sources || found.has(name)) continue;
      const content = readFileSync(join(HERE, "node_modules", name), "utf8");
      found.set(name, { content });
      visit(name, content);
    }
  };
  for (const [path, { content }] of Object.entries(sources)) visit(path, content);
  return Object.fromEntries([...found].sort());
}

function standardInput({ sources: paths, settings }, read) {
  const own = Object.fromEntries(paths.map((path) => [path, { content: read(path) }]));
  const sources = { ...own, ...imported(own) };
  // The order of the keys is part of the input's digest.
  const { evmVersion, optimizer, viaIR, metadata } = settings;
  const ordered = { evmVersion, optimizer, viaIR, metadata, outputSelection: OUTPUT };
  return { language: "Solidity", sources, settings: ordered };
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
  const files = { "contracts/src/Sm3.sol": read("src/Sm3.sol") };
  const [builds, sources, artifacts] = [{}, {}, {}];
  let compiler;
  for (const [name, build] of Object.entries(BUILDS)) {
    const input = standardInput(build, read);
    const text = JSON.stringify(input);
    const { version, contracts } = compile(text);
    compiler = version;
    for (const [path, { content }] of Object.entries(input.sources)) sources[path] = sha256(content);
    const { outputSelection, ...settings } = input.settings;
    const made = build.kept.map((entry) => {
      const path = `${entry.folder}/${entry.name}.json`;
      files[path] = artifact(entry, contracts);
      artifacts[path] = sha256(files[path]);
      return path;
    });
    builds[name] = { settings, input: sha256(text), artifacts: made };
  }
  files["contracts/sources.json"] = json({ compiler, builds, sources, artifacts });
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
