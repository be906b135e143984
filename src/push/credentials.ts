/**
 * The name and the password of whoever pushes.
 *
 * @module
 */

/** Who pushes. */
export interface Credentials {
  /** For NTLM also `DOMAIN\\user`. */
  user: string;
  /** Sent as it is in Basic alone, which the caller has to allow. */
  password: string;
}
