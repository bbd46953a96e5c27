// SPDX-License-Identifier: Apache-2.0
// Written by generate-sm3.mjs from Sm3.template.sol: change those, not this file.
pragma solidity 0.8.37;

/// @title SM3 (GB/T 32905-2016) with few gas: 64 unrolled rounds, two lanes in one word.
/// @dev   `Sm3Reference` is the same function written to be read, and its oracle.
///
///  Rounds. One 256-bit word holds a word of the A side and the word of the E side that takes the
///  same way: X = (A, E), Y = (B, F), Z = (C, G), V = (D, H). The E side starts at bit 0, the A side
///  at bit 160. A fresh A or E is kept three times side by side (32 bits each), so that a rotation
///  is one shift whose low 32 bits are right. Bits above the low 32 of a side are rubbish, which
///  neither xor, and, or nor add carries downwards. What keeps the sides apart is that bits 135 to
///  159 are zero in every addend of a round but the SS one, where they can be anything: the sum of
///  the others stays below 2**100, so nothing carries into bit 160.
///
///  FF and GG of rounds 16 to 63 are one expression: maj(a,b,c) = ((b^c) & (a^c)) ^ c and
///  ch(e,f,g) = ((f^g) & e) ^ g differ only in one xor with c, which HIGH selects.
///
///  Expansion. Four 64-bit lanes a word, each W twice in its lane, so that a rotation is one shift
///  again; three new W at a time, because W[j + 3] needs W[j]. Lane 3 of a stored word is rubbish
///  until the next store overwrites it. Then pairs: lane m holds W'[m + 2] above W[m], so that the
///  one load of round j has W[j] at bit 0 and W'[j] at bit 160.
///
///  Memory. The tables stand at fixed addresses from @SCRATCH@ to @SCRATCH_END@, where Solidity's free memory
///  starts; `reserve` takes that range and refuses when something was allocated before it.
library Sm3 {
    /// IV of the standard, A in the highest 32 bits.
    uint256 private constant IV =
        0x7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e;
    /// Low 32 bits of the E side.
    uint256 private constant LOW = 0xffffffff;
    /// Low 32 bits of the A side.
    uint256 private constant HIGH = 0xffffffff0000000000000000000000000000000000000000;
    /// Low 32 bits of both sides.
    uint256 private constant BOTH = 0xffffffff00000000000000000000000000000000ffffffff;
    /// The 96 bits of the E side.
    uint256 private constant COPIES = 0xffffffffffffffffffffffff;
    /// Factor that writes a 32-bit word three times side by side.
    uint256 private constant THRICE = 0x10000000100000001;
    /// Factor that writes a 32-bit word twice on both sides.
    uint256 private constant SPREAD = 0x1000000010000000000000000000000000000000100000001;
    /// Low 32 bits of the four lanes of the expansion.
    uint256 private constant LANES =
        0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    /// Two 64-bit words at a stride of 128 bits.
    uint256 private constant HALVES =
        0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
    /// The low 128 bits.
    uint256 private constant HALF = 0xffffffffffffffffffffffffffffffff;
    /// Factor that writes a 32-bit word twice side by side.
    uint256 private constant TWICE = 0x100000001;

    /// Takes the fixed memory of the tables; must run before anything else allocates memory.
    function reserve() internal pure {
        assembly {
            if iszero(eq(mload(0x40), @SCRATCH@)) { invalid() }
            mstore(0x40, @SCRATCH_END@)
        }
    }

    /// SM3(0x01 || left || right): the hash of an inner subtree of RFC 9162.
    function inner(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        (uint256 l, uint256 r) = (uint256(left), uint256(right));
        uint256 v = _compress(IV, 1 << 248 | l >> 8, l << 248 | r >> 8);
        return bytes32(_compress(v, r << 248 | 0x80 << 240, 65 * 8));
    }

    /// SM3 of any bytes.
    function hash(bytes calldata data) internal pure returns (bytes32) {
        uint256 v = IV;
        uint256 place;
        assembly {
            place := data.offset
        }
        for (uint256 end = place + data.length / 64 * 64; place < end; place += 64) {
            v = _compress(v, _take(place, 32), _take(place + 32, 32));
        }
        uint256 rest = data.length % 64;
        uint256 m0 = _take(place, rest);
        uint256 m1 = rest > 32 ? _take(place + 32, rest - 32) : 0;
        if (rest < 32) m0 |= 0x80 << (248 - 8 * rest);
        else m1 |= 0x80 << (504 - 8 * rest);
        if (rest >= 56) {
            v = _compress(v, m0, m1);
            (m0, m1) = (0, 0);
        }
        return bytes32(_compress(v, m0, m1 | data.length * 8));
    }

    /// The first `count` bytes, at most 32, at `place` of the call data; zeros after them.
    function _take(uint256 place, uint256 count) private pure returns (uint256 word) {
        uint256 drop = count < 32 ? 256 - 8 * count : 0;
        assembly {
            word := shl(drop, shr(drop, calldataload(place)))
        }
    }

    /// The compression function over the chaining value `v` and the block (m0, m1).
    function _compress(uint256 v, uint256 m0, uint256 m1) private pure returns (uint256) {
        return _compressWith(v, m0, m1, LANES, SPREAD, HIGH, BOTH);
    }

    /// @dev The wide constants come as arguments, which the optimiser cannot see through: copied
    ///      from the stack they cost 3 gas and one byte; as literals it would compute them anew.
    function _compressWith(
        uint256 v,
        uint256 m0,
        uint256 m1,
        uint256 lanes,
        uint256 spread,
        uint256 high,
        uint256 both
    ) private pure returns (uint256 next) {
        assembly {
            function widen(word, mask) -> wide {
                wide := and(or(word, shl(64, word)), HALVES)
                wide := mul(and(or(wide, shl(32, wide)), mask), TWICE)
            }
            mstore(@W0@, widen(shr(128, m0), lanes))
            mstore(@W4@, widen(and(m0, HALF), lanes))
            mstore(@W8@, widen(shr(128, m1), lanes))
            mstore(@W12@, widen(and(m1, HALF), lanes))
            let upper := shl(32, lanes)
            let x
@EXPANSION@
@PAIRS@
            let p := mul(or(and(shr(64, v), high), and(shr(96, v), LOW)), THRICE)
            let q := mul(or(and(shr(32, v), high), and(shr(64, v), LOW)), THRICE)
            let r := or(and(v, high), and(shr(32, v), LOW))
            let s := or(and(shl(32, v), high), and(v, LOW))
@ROUNDS@
            next := or(shl(64, and(p, high)), shl(96, and(p, LOW)))
            next := or(next, or(shl(32, and(q, high)), shl(64, and(q, LOW))))
            next := or(next, or(and(r, high), shl(32, and(r, LOW))))
            next := or(next, or(shr(32, and(s, high)), and(s, LOW)))
            next := xor(next, v)
        }
    }
}
