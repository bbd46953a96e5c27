// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title SM3 (GB/T 32905-2016) written to be read: the oracle of the optimised library.
/// @dev   Section numbers are those of the standard. About thirteen times the gas of `Sm3`.
library Sm3Reference {
    function hash(bytes memory message) internal pure returns (bytes32) {
        bytes memory padded = _pad(message);
        uint32[8] memory v = [
            0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
            0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e
        ];
        for (uint256 offset = 0; offset < padded.length; offset += 64) {
            _compress(v, padded, offset);
        }
        uint256 digest;
        for (uint256 i = 0; i < 8; ++i) {
            digest = digest << 32 | v[i];
        }
        return bytes32(digest);
    }

    /// 5.2: a one bit, zeros, and the length in bits as 64 bits, up to a multiple of 512 bits.
    function _pad(bytes memory message) private pure returns (bytes memory) {
        uint256 zeros = (119 - message.length % 64) % 64;
        return abi.encodePacked(
            message, bytes1(0x80), new bytes(zeros), uint64(message.length * 8)
        );
    }

    /// 5.3.2 and 5.3.3: message expansion, then the 64 rounds.
    function _compress(uint32[8] memory v, bytes memory data, uint256 offset) private pure {
        uint32[68] memory w = _expand(data, offset);
        uint32[8] memory s;
        for (uint256 i = 0; i < 8; ++i) {
            s[i] = v[i];
        }
        for (uint256 j = 0; j < 64; ++j) {
            _round(s, j, w[j], w[j] ^ w[j + 4]);
        }
        for (uint256 i = 0; i < 8; ++i) {
            v[i] ^= s[i];
        }
    }

    /// 5.3.2: the 68 words W.
    function _expand(bytes memory data, uint256 offset)
        private
        pure
        returns (uint32[68] memory w)
    {
        for (uint256 j = 0; j < 16; ++j) {
            for (uint256 k = 0; k < 4; ++k) {
                w[j] = w[j] << 8 | uint8(data[offset + 4 * j + k]);
            }
        }
        for (uint256 j = 16; j < 68; ++j) {
            w[j] = _p1(w[j - 16] ^ w[j - 9] ^ _rotl(w[j - 3], 15)) ^ _rotl(w[j - 13], 7) ^ w[j - 6];
        }
    }

    /// One round on the words A to H in `s`; the additions are modulo 2**32.
    function _round(uint32[8] memory s, uint256 j, uint32 w, uint32 wPrime) private pure {
        unchecked {
            uint32 a12 = _rotl(s[0], 12);
            uint32 ss1 = _rotl(a12 + s[4] + _rotl(_t(j), j % 32), 7);
            uint32 tt1 = _ff(j, s) + s[3] + (ss1 ^ a12) + wPrime;
            uint32 tt2 = _gg(j, s) + s[7] + ss1 + w;
            s[3] = s[2];
            s[2] = _rotl(s[1], 9);
            s[1] = s[0];
            s[0] = tt1;
            s[7] = s[6];
            s[6] = _rotl(s[5], 19);
            s[5] = s[4];
            s[4] = _p0(tt2);
        }
    }

    /// 4.2: the constants.
    function _t(uint256 j) private pure returns (uint32) {
        return j < 16 ? 0x79cc4519 : 0x7a879d8a;
    }

    /// 4.3: the Boolean function of A, B and C.
    function _ff(uint256 j, uint32[8] memory s) private pure returns (uint32) {
        (uint32 x, uint32 y, uint32 z) = (s[0], s[1], s[2]);
        return j < 16 ? x ^ y ^ z : (x & y) | (x & z) | (y & z);
    }

    /// 4.3: the Boolean function of E, F and G.
    function _gg(uint256 j, uint32[8] memory s) private pure returns (uint32) {
        (uint32 x, uint32 y, uint32 z) = (s[4], s[5], s[6]);
        return j < 16 ? x ^ y ^ z : (x & y) | (~x & z);
    }

    /// 4.4: the permutation of the rounds.
    function _p0(uint32 x) private pure returns (uint32) {
        return x ^ _rotl(x, 9) ^ _rotl(x, 17);
    }

    /// 4.4: the permutation of the expansion.
    function _p1(uint32 x) private pure returns (uint32) {
        return x ^ _rotl(x, 15) ^ _rotl(x, 23);
    }

    function _rotl(uint32 x, uint256 n) private pure returns (uint32) {
        return uint32(uint256(x) << n | x >> (32 - n));
    }
}
