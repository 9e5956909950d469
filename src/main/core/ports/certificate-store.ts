/** Where a person adds a certificate so that this machine, and with it every connection of ours, trusts it. */
export const CERTIFICATE_STORE =
  process.platform === 'darwin' ? 'the keychain' : "the system's certificate store";
