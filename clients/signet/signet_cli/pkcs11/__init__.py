"""`signet-pkcs11`: every certificate that the caller may use, as a token of every PKCS#11 program.

The program loads the stock `p11-kit-client.so`, which starts this agent and speaks p11-kit's RPC protocol to it over
standard input and output. Only the standard library is imported here: each program that signs starts an agent.
"""
