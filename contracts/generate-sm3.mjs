// Writes src/Sm3.sol: SM3 with its 64 rounds and its message expansion unrolled.
// How the lanes work is told at the head of Sm3.template.sol.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SCRATCH = 0x80; // where Solidity's free memory starts
const PAIRS = SCRATCH + 8 * 76; // after lanes 0 to 70 of the expansion, which is read up to lane 71
const SCRATCH_END = PAIRS + 8 * 72; // lanes -4 to 65 of the pairs, rounded up to 32 bytes

const hex = (n) => "0x" + n.toString(16);
const rotl = (x, n) => (n % 32 ? ((x << n % 32) | (x >>> (32 - (n % 32)))) >>> 0 : x);
const W = (m) => hex(SCRATCH + 8 * m); // lane m of the expansion; -2 is in Solidity's zero slot
const C = (m) => hex(PAIRS + 8 * (m + 4)); // lane m of the pairs (W'[m + 2], W[m])

function expansion() {
  const lines = [];
  for (let j = 16; j < 68; j += 3) {
    lines.push(
      `x := xor(xor(mload(${W(j - 16)}), mload(${W(j - 9)})), shr(17, mload(${W(j - 3)})))`,
      "x := mul(and(x, lanes), TWICE)",
      "x := xor(xor(x, shr(17, x)), shr(9, x))",
      `x := xor(xor(x, shr(25, mload(${W(j - 13)}))), mload(${W(j - 6)}))`,
      `mstore(${W(j)}, mul(and(x, lanes), TWICE)) // W[${j}] to W[${j + 2}]`,
    );
  }
  return lines;
}

function pairs() {
  const lines = [];
  for (let m = -2; m < 64; m += 4) {
    const prime = `and(xor(mload(${W(m + 2)}), mload(${W(m + 6)})), upper)`;
    lines.push(`mstore(${C(m)}, or(and(mload(${W(m)}), lanes), ${prime}))`);
  }
  return lines;
}

function rounds() {
  const lines = [];
  let [X, Y, Z, V] = ["p", "q", "r", "s"];
  for (let j = 0; j < 64; j++) {
    const t = hex(rotl(j < 16 ? 0x79cc4519 : 0x7a879d8a, j));
    const mix =
      j < 16
        ? `xor(xor(${X}, ${Y}), ${Z})`
        : `xor(and(xor(${Y}, ${Z}), xor(${X}, and(${Z}, high))), ${Z})`;
    const ss1 = `shr(25, mul(and(add(add(x, ${X}), ${t}), LOW), spread))`;
    lines.push(
      `x := shr(180, ${X}) // round ${j}`,
      `${V} := mul(and(add(add(${mix}, ${V}), add(and(mload(${C(j - 3)}), both), xor(shl(160, x), ${ss1}))), both), THRICE)`,
      `${V} := xor(${V}, and(xor(shr(23, ${V}), shr(15, ${V})), COPIES))`,
      `${Y} := or(and(shr(23, ${Y}), high), and(shr(13, ${Y}), LOW))`,
    );
    [X, Y, Z, V] = [V, X, Y, Z];
  }
  return lines;
}

const block = (lines) => lines.map((line) => "            " + line).join("\n");

/** The text of src/Sm3.sol. */
export function source() {
  const template = readFileSync(new URL("Sm3.template.sol", import.meta.url), "utf8");
  const values = {
    SCRATCH: hex(SCRATCH),
    SCRATCH_END: hex(SCRATCH_END),
    W0: W(0),
    W4: W(4),
    W8: W(8),
    W12: W(12),
    EXPANSION: block(expansion()),
    PAIRS: block(pairs()),
    ROUNDS: block(rounds()),
  };
  return template.replace(/@([A-Z0-9_]+)@/g, (_, name) => values[name]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL("src/Sm3.sol", import.meta.url), source());
}
