/** What most options are for: the beginning of what is said of them. */
export const CREATE_ASF = "Cannot create ASF container";
