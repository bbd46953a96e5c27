// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Sm3} from "./Sm3.sol";

/// @title Inclusion and consistency proofs of RFC 9162 (2.1.3.2 and 2.1.4.2) over SM3.
/// @dev   Both accept only a proof of exactly the right length. `Sm3.reserve()` must have run.
library MerkleSm3 {
    /// @notice Whether `leafHash` is leaf `index` of the tree of `size` leaves with `root`.
    function included(
        uint64 index,
        uint64 size,
        bytes32 leafHash,
        bytes32 root,
        bytes32[] calldata proof
    ) internal pure returns (bool) {
        if (index >= size) return false;
        uint256 fn = index;
        uint256 sn = size - 1;
        bytes32 r = leafHash;
        for (uint256 i = 0; i < proof.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                r = Sm3.inner(proof[i], r);
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                r = Sm3.inner(r, proof[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && r == root;
    }

    /// @notice Whether the tree (first, firstRoot) is a prefix of the tree (second, secondRoot).
    /// @dev    Every tree continues the empty one, so a first size of 0 takes an empty proof and
    ///         says nothing of the second root; the caller has checked that `firstRoot` is the
    ///         stored one. Equal sizes take an empty proof and equal roots.
    function consistent(
        uint64 first,
        uint64 second,
        bytes32 firstRoot,
        bytes32 secondRoot,
        bytes32[] calldata proof
    ) internal pure returns (bool) {
        if (first == 0) return proof.length == 0;
        if (first > second) return false;
        if (first == second) return proof.length == 0 && firstRoot == secondRoot;
        if (proof.length == 0) return false;
        uint256 fn = first - 1;
        uint256 sn = second - 1;
        while (fn & 1 == 1) {
            fn >>= 1;
            sn >>= 1;
        }
        // fn is 0 here exactly when `first` is a power of two: its root is then the first node.
        uint256 i = fn == 0 ? 0 : 1;
        bytes32 fr = fn == 0 ? firstRoot : proof[0];
        bytes32 sr = fr;
        for (; i < proof.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                bytes32 joined = Sm3.inner(proof[i], fr);
                // Until the first node right of the old tree, both walks hash the same pair.
                sr = sr == fr ? joined : Sm3.inner(proof[i], sr);
                fr = joined;
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                sr = Sm3.inner(sr, proof[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && fr == firstRoot && sr == secondRoot;
    }
}
