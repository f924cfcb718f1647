export const verifyTables: readonly string[] = [];
