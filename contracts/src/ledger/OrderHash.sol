// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {Order, Part} from "./LedgerTypes.sol";

/// @title EIP-712 hashes of orders and of the two further things that are signed about them.
/// @dev   OpenZeppelin's EIP712 keeps its domain in immutables, which makes the code at each address
///        another one, and needs an opcode younger than London; the domain is hashed here.
library OrderHash {
    string private constant _PART = "Part(uint64 lot,uint256 quantity)";
    string private constant _ORDER =
        "Order(uint256 chainId,bytes32 orderId,uint8 kind,uint64 from,uint64 to,uint64 subject,"
        "Part[] parts,uint256 quantity,bytes32 commitment,bytes32 registryNumber,bytes32 reason,"
        "uint64 notBefore,uint64 deadline)";

    bytes32 private constant _DOMAIN_TYPE = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant _NAME = keccak256("Trace Node Allowance Registry");
    bytes32 private constant _VERSION = keccak256("1");
    bytes32 private constant _PART_TYPE = keccak256(bytes(_PART));
    bytes32 private constant _ORDER_TYPE = keccak256(abi.encodePacked(_ORDER, _PART));
    bytes32 internal constant APPROVAL =
        keccak256(abi.encodePacked("Approval(Order order)", _ORDER, _PART));
    bytes32 internal constant CANCELLATION =
        keccak256(abi.encodePacked("Cancellation(Order order)", _ORDER, _PART));

    /// The hash of this contract's domain on this chain.
    function domainSeparator() internal view returns (bytes32) {
        return keccak256(abi.encode(_DOMAIN_TYPE, _NAME, _VERSION, block.chainid, address(this)));
    }

    /// hashStruct(order).
    function content(Order calldata order) internal pure returns (bytes32) {
        bytes32[] memory parts = new bytes32[](order.parts.length);
        for (uint256 i = 0; i < parts.length; ++i) {
            Part calldata part = order.parts[i];
            parts[i] = keccak256(abi.encode(_PART_TYPE, part.lot, part.quantity));
        }
        return keccak256(
            bytes.concat(
                abi.encode(
                    _ORDER_TYPE,
                    order.chainId,
                    order.orderId,
                    order.kind,
                    order.from,
                    order.to,
                    order.subject
                ),
                abi.encode(
                    keccak256(abi.encodePacked(parts)),
                    order.quantity,
                    order.commitment,
                    order.registryNumber,
                    order.reason,
                    order.notBefore,
                    order.deadline
                )
            )
        );
    }

    /// Whether `signer` signed the order, or, with a type other than zero, that statement about it.
    function signed(bytes32 contentHash, bytes32 about, address signer, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        bytes32 message =
            about == 0 ? contentHash : keccak256(abi.encode(about, contentHash));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", domainSeparator(), message));
        (address recovered, ECDSA.RecoverError problem,) =
            ECDSA.tryRecoverCalldata(digest, signature);
        return problem == ECDSA.RecoverError.NoError && recovered == signer;
    }
}
