// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleSm3} from "../src/MerkleSm3.sol";
import {Sm3} from "../src/Sm3.sol";
import {Sm3Reference} from "../src/Sm3Reference.sol";

/// @title Opens the libraries to the tests; never deployed by the product.
contract Sm3Harness {
    function fast(bytes calldata data) external pure returns (bytes32) {
        Sm3.reserve();
        return Sm3.hash(data);
    }

    function inner(bytes32 left, bytes32 right) external pure returns (bytes32) {
        Sm3.reserve();
        return Sm3.inner(left, right);
    }

    /// Gas of one inner hash alone; the second call, so that memory is paid for already.
    function innerGas(bytes32 left, bytes32 right) external view returns (uint256 used) {
        Sm3.reserve();
        bytes32 warm = Sm3.inner(right, left);
        used = gasleft();
        bytes32 digest = Sm3.inner(left, right);
        used = used - gasleft();
        require(digest != warm || left == right);
    }

    function slow(bytes calldata data) external pure returns (bytes32) {
        return Sm3Reference.hash(data);
    }

    function included(
        uint64 index,
        uint64 size,
        bytes32 leafHash,
        bytes32 root,
        bytes32[] calldata proof
    ) external pure returns (bool) {
        Sm3.reserve();
        return MerkleSm3.included(index, size, leafHash, root, proof);
    }

    function consistent(
        uint64 first,
        uint64 second,
        bytes32 firstRoot,
        bytes32 secondRoot,
        bytes32[] calldata proof
    ) external pure returns (bool) {
        Sm3.reserve();
        return MerkleSm3.consistent(first, second, firstRoot, secondRoot, proof);
    }
}
