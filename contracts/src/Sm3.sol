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
///  Memory. The tables stand at fixed addresses from 0x80 to 0x520, where Solidity's free memory
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
            if iszero(eq(mload(0x40), 0x80)) { invalid() }
            mstore(0x40, 0x520)
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
            mstore(0x80, widen(shr(128, m0), lanes))
            mstore(0xa0, widen(and(m0, HALF), lanes))
            mstore(0xc0, widen(shr(128, m1), lanes))
            mstore(0xe0, widen(and(m1, HALF), lanes))
            let upper := shl(32, lanes)
            let x
            x := xor(xor(mload(0x80), mload(0xb8)), shr(17, mload(0xe8)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x98))), mload(0xd0))
            mstore(0x100, mul(and(x, lanes), TWICE)) // W[16] to W[18]
            x := xor(xor(mload(0x98), mload(0xd0)), shr(17, mload(0x100)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0xb0))), mload(0xe8))
            mstore(0x118, mul(and(x, lanes), TWICE)) // W[19] to W[21]
            x := xor(xor(mload(0xb0), mload(0xe8)), shr(17, mload(0x118)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0xc8))), mload(0x100))
            mstore(0x130, mul(and(x, lanes), TWICE)) // W[22] to W[24]
            x := xor(xor(mload(0xc8), mload(0x100)), shr(17, mload(0x130)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0xe0))), mload(0x118))
            mstore(0x148, mul(and(x, lanes), TWICE)) // W[25] to W[27]
            x := xor(xor(mload(0xe0), mload(0x118)), shr(17, mload(0x148)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0xf8))), mload(0x130))
            mstore(0x160, mul(and(x, lanes), TWICE)) // W[28] to W[30]
            x := xor(xor(mload(0xf8), mload(0x130)), shr(17, mload(0x160)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x110))), mload(0x148))
            mstore(0x178, mul(and(x, lanes), TWICE)) // W[31] to W[33]
            x := xor(xor(mload(0x110), mload(0x148)), shr(17, mload(0x178)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x128))), mload(0x160))
            mstore(0x190, mul(and(x, lanes), TWICE)) // W[34] to W[36]
            x := xor(xor(mload(0x128), mload(0x160)), shr(17, mload(0x190)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x140))), mload(0x178))
            mstore(0x1a8, mul(and(x, lanes), TWICE)) // W[37] to W[39]
            x := xor(xor(mload(0x140), mload(0x178)), shr(17, mload(0x1a8)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x158))), mload(0x190))
            mstore(0x1c0, mul(and(x, lanes), TWICE)) // W[40] to W[42]
            x := xor(xor(mload(0x158), mload(0x190)), shr(17, mload(0x1c0)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x170))), mload(0x1a8))
            mstore(0x1d8, mul(and(x, lanes), TWICE)) // W[43] to W[45]
            x := xor(xor(mload(0x170), mload(0x1a8)), shr(17, mload(0x1d8)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x188))), mload(0x1c0))
            mstore(0x1f0, mul(and(x, lanes), TWICE)) // W[46] to W[48]
            x := xor(xor(mload(0x188), mload(0x1c0)), shr(17, mload(0x1f0)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x1a0))), mload(0x1d8))
            mstore(0x208, mul(and(x, lanes), TWICE)) // W[49] to W[51]
            x := xor(xor(mload(0x1a0), mload(0x1d8)), shr(17, mload(0x208)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x1b8))), mload(0x1f0))
            mstore(0x220, mul(and(x, lanes), TWICE)) // W[52] to W[54]
            x := xor(xor(mload(0x1b8), mload(0x1f0)), shr(17, mload(0x220)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x1d0))), mload(0x208))
            mstore(0x238, mul(and(x, lanes), TWICE)) // W[55] to W[57]
            x := xor(xor(mload(0x1d0), mload(0x208)), shr(17, mload(0x238)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x1e8))), mload(0x220))
            mstore(0x250, mul(and(x, lanes), TWICE)) // W[58] to W[60]
            x := xor(xor(mload(0x1e8), mload(0x220)), shr(17, mload(0x250)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x200))), mload(0x238))
            mstore(0x268, mul(and(x, lanes), TWICE)) // W[61] to W[63]
            x := xor(xor(mload(0x200), mload(0x238)), shr(17, mload(0x268)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x218))), mload(0x250))
            mstore(0x280, mul(and(x, lanes), TWICE)) // W[64] to W[66]
            x := xor(xor(mload(0x218), mload(0x250)), shr(17, mload(0x280)))
            x := mul(and(x, lanes), TWICE)
            x := xor(xor(x, shr(17, x)), shr(9, x))
            x := xor(xor(x, shr(25, mload(0x230))), mload(0x268))
            mstore(0x298, mul(and(x, lanes), TWICE)) // W[67] to W[69]
            mstore(0x2f0, or(and(mload(0x70), lanes), and(xor(mload(0x80), mload(0xa0)), upper)))
            mstore(0x310, or(and(mload(0x90), lanes), and(xor(mload(0xa0), mload(0xc0)), upper)))
            mstore(0x330, or(and(mload(0xb0), lanes), and(xor(mload(0xc0), mload(0xe0)), upper)))
            mstore(0x350, or(and(mload(0xd0), lanes), and(xor(mload(0xe0), mload(0x100)), upper)))
            mstore(0x370, or(and(mload(0xf0), lanes), and(xor(mload(0x100), mload(0x120)), upper)))
            mstore(0x390, or(and(mload(0x110), lanes), and(xor(mload(0x120), mload(0x140)), upper)))
            mstore(0x3b0, or(and(mload(0x130), lanes), and(xor(mload(0x140), mload(0x160)), upper)))
            mstore(0x3d0, or(and(mload(0x150), lanes), and(xor(mload(0x160), mload(0x180)), upper)))
            mstore(0x3f0, or(and(mload(0x170), lanes), and(xor(mload(0x180), mload(0x1a0)), upper)))
            mstore(0x410, or(and(mload(0x190), lanes), and(xor(mload(0x1a0), mload(0x1c0)), upper)))
            mstore(0x430, or(and(mload(0x1b0), lanes), and(xor(mload(0x1c0), mload(0x1e0)), upper)))
            mstore(0x450, or(and(mload(0x1d0), lanes), and(xor(mload(0x1e0), mload(0x200)), upper)))
            mstore(0x470, or(and(mload(0x1f0), lanes), and(xor(mload(0x200), mload(0x220)), upper)))
            mstore(0x490, or(and(mload(0x210), lanes), and(xor(mload(0x220), mload(0x240)), upper)))
            mstore(0x4b0, or(and(mload(0x230), lanes), and(xor(mload(0x240), mload(0x260)), upper)))
            mstore(0x4d0, or(and(mload(0x250), lanes), and(xor(mload(0x260), mload(0x280)), upper)))
            mstore(0x4f0, or(and(mload(0x270), lanes), and(xor(mload(0x280), mload(0x2a0)), upper)))
            let p := mul(or(and(shr(64, v), high), and(shr(96, v), LOW)), THRICE)
            let q := mul(or(and(shr(32, v), high), and(shr(64, v), LOW)), THRICE)
            let r := or(and(v, high), and(shr(32, v), LOW))
            let s := or(and(shl(32, v), high), and(v, LOW))
            x := shr(180, p) // round 0
            s := mul(and(add(add(xor(xor(p, q), r), s), add(and(mload(0x2e8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0x79cc4519), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 1
            r := mul(and(add(add(xor(xor(s, p), q), r), add(and(mload(0x2f0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0xf3988a32), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 2
            q := mul(and(add(add(xor(xor(r, s), p), q), add(and(mload(0x2f8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0xe7311465), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 3
            p := mul(and(add(add(xor(xor(q, r), s), p), add(and(mload(0x300), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0xce6228cb), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 4
            s := mul(and(add(add(xor(xor(p, q), r), s), add(and(mload(0x308), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0x9cc45197), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 5
            r := mul(and(add(add(xor(xor(s, p), q), r), add(and(mload(0x310), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0x3988a32f), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 6
            q := mul(and(add(add(xor(xor(r, s), p), q), add(and(mload(0x318), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x7311465e), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 7
            p := mul(and(add(add(xor(xor(q, r), s), p), add(and(mload(0x320), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0xe6228cbc), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 8
            s := mul(and(add(add(xor(xor(p, q), r), s), add(and(mload(0x328), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0xcc451979), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 9
            r := mul(and(add(add(xor(xor(s, p), q), r), add(and(mload(0x330), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0x988a32f3), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 10
            q := mul(and(add(add(xor(xor(r, s), p), q), add(and(mload(0x338), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x311465e7), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 11
            p := mul(and(add(add(xor(xor(q, r), s), p), add(and(mload(0x340), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0x6228cbce), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 12
            s := mul(and(add(add(xor(xor(p, q), r), s), add(and(mload(0x348), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0xc451979c), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 13
            r := mul(and(add(add(xor(xor(s, p), q), r), add(and(mload(0x350), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0x88a32f39), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 14
            q := mul(and(add(add(xor(xor(r, s), p), q), add(and(mload(0x358), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x11465e73), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 15
            p := mul(and(add(add(xor(xor(q, r), s), p), add(and(mload(0x360), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0x228cbce6), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 16
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x368), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0x9d8a7a87), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 17
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x370), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0x3b14f50f), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 18
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x378), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x7629ea1e), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 19
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x380), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0xec53d43c), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 20
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x388), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0xd8a7a879), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 21
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x390), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0xb14f50f3), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 22
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x398), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x629ea1e7), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 23
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x3a0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0xc53d43ce), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 24
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x3a8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0x8a7a879d), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 25
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x3b0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0x14f50f3b), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 26
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x3b8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x29ea1e76), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 27
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x3c0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0x53d43cec), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 28
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x3c8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0xa7a879d8), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 29
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x3d0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0x4f50f3b1), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 30
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x3d8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x9ea1e762), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 31
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x3e0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0x3d43cec5), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 32
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x3e8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0x7a879d8a), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 33
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x3f0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0xf50f3b14), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 34
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x3f8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0xea1e7629), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 35
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x400), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0xd43cec53), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 36
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x408), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0xa879d8a7), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 37
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x410), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0x50f3b14f), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 38
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x418), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0xa1e7629e), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 39
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x420), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0x43cec53d), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 40
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x428), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0x879d8a7a), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 41
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x430), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0xf3b14f5), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 42
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x438), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x1e7629ea), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 43
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x440), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0x3cec53d4), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 44
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x448), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0x79d8a7a8), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 45
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x450), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0xf3b14f50), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 46
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x458), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0xe7629ea1), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 47
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x460), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0xcec53d43), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 48
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x468), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0x9d8a7a87), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 49
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x470), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0x3b14f50f), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 50
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x478), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x7629ea1e), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 51
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x480), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0xec53d43c), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 52
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x488), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0xd8a7a879), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 53
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x490), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0xb14f50f3), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 54
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x498), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x629ea1e7), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 55
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x4a0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0xc53d43ce), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 56
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x4a8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0x8a7a879d), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 57
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x4b0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0x14f50f3b), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 58
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x4b8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x29ea1e76), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 59
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x4c0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0x53d43cec), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            x := shr(180, p) // round 60
            s := mul(and(add(add(xor(and(xor(q, r), xor(p, and(r, high))), r), s), add(and(mload(0x4c8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, p), 0xa7a879d8), LOW), spread))))), both), THRICE)
            s := xor(s, and(xor(shr(23, s), shr(15, s)), COPIES))
            q := or(and(shr(23, q), high), and(shr(13, q), LOW))
            x := shr(180, s) // round 61
            r := mul(and(add(add(xor(and(xor(p, q), xor(s, and(q, high))), q), r), add(and(mload(0x4d0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, s), 0x4f50f3b1), LOW), spread))))), both), THRICE)
            r := xor(r, and(xor(shr(23, r), shr(15, r)), COPIES))
            p := or(and(shr(23, p), high), and(shr(13, p), LOW))
            x := shr(180, r) // round 62
            q := mul(and(add(add(xor(and(xor(s, p), xor(r, and(p, high))), p), q), add(and(mload(0x4d8), both), xor(shl(160, x), shr(25, mul(and(add(add(x, r), 0x9ea1e762), LOW), spread))))), both), THRICE)
            q := xor(q, and(xor(shr(23, q), shr(15, q)), COPIES))
            s := or(and(shr(23, s), high), and(shr(13, s), LOW))
            x := shr(180, q) // round 63
            p := mul(and(add(add(xor(and(xor(r, s), xor(q, and(s, high))), s), p), add(and(mload(0x4e0), both), xor(shl(160, x), shr(25, mul(and(add(add(x, q), 0x3d43cec5), LOW), spread))))), both), THRICE)
            p := xor(p, and(xor(shr(23, p), shr(15, p)), COPIES))
            r := or(and(shr(23, r), high), and(shr(13, r), LOW))
            next := or(shl(64, and(p, high)), shl(96, and(p, LOW)))
            next := or(next, or(shl(32, and(q, high)), shl(64, and(q, LOW))))
            next := or(next, or(and(r, high), shl(32, and(r, LOW))))
            next := or(next, or(shr(32, and(s, high)), and(s, LOW)))
            next := xor(next, v)
        }
    }
}
