/**
 * The vault's tables in the lake, and the one view of it that rooms may join: tokens with what may be known of them
 * without opening anything. The index makes a look-up by token about 1 ms among millions (50 ms without it).
 */
export const vaultTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS vault',
  'CREATE SCHEMA IF NOT EXISTS v',
  `CREATE TABLE IF NOT EXISTS vault.value (
    token VARCHAR NOT NULL PRIMARY KEY,
    kind VARCHAR NOT NULL,
    norm VARCHAR NOT NULL,
    mask VARCHAR NOT NULL,
    check_code VARCHAR NOT NULL,
    ciphertext BLOB,
    salt BLOB,
    key_version INTEGER)`,
  // A person who was erased stays erased when a department delivers the same number again.
  `CREATE TABLE IF NOT EXISTS vault.erased (norm VARCHAR NOT NULL, erased_at TIMESTAMP NOT NULL)`,
  // Whose values a law makes the city keep: nobody opens them.
  `CREATE TABLE IF NOT EXISTS vault.restricted (norm VARCHAR NOT NULL, restricted_at TIMESTAMP NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS vault.key (name VARCHAR NOT NULL, check_value VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL)`,
  // A key whose loss was accepted: what is under it is kept, never opened, and nothing stands in its place.
  `CREATE TABLE IF NOT EXISTS vault.lost (name VARCHAR NOT NULL PRIMARY KEY, lost_at TIMESTAMP NOT NULL, reason VARCHAR NOT NULL)`,
  `CREATE OR REPLACE VIEW v.identity_v1 AS
    SELECT token, kind, norm, mask, check_code, ciphertext IS NULL AS erased FROM vault.value`,
];

/** Where an intake gathers its batches before they enter the table at once: one look at what is known, one write. */
export const makeGathered = `CREATE OR REPLACE TEMP TABLE gathered
  (token VARCHAR, norm VARCHAR, mask VARCHAR, check_code VARCHAR, ciphertext BLOB, salt BLOB)`;

/** Adds a batch of intake columns; an empty norm is the token itself, an empty check `ok`. */
export const gatherBatch = `
  INSERT INTO gathered
  SELECT token, CASE WHEN norm = '' THEN token ELSE norm END, mask, CASE WHEN check_code = '' THEN 'ok' ELSE check_code END,
    unhex(ciphertext), unhex(salt)
  FROM (SELECT unnest(string_split($tokens, chr(10))) AS token, unnest(string_split($norms, chr(10))) AS norm,
      unnest(string_split($masks, chr(10))) AS mask, unnest(string_split($checks, chr(10))) AS check_code,
      unnest(string_split($ciphertexts, chr(10))) AS ciphertext, unnest(string_split($salts, chr(10))) AS salt)`;

/** Takes over what was gathered, except what is known; erased people's values come in as empty places. */
export const takeGathered = `
  INSERT INTO vault.value
  SELECT x.token, $kind, x.norm, CASE WHEN e.norm IS NULL THEN x.mask ELSE '***' END, x.check_code,
    CASE WHEN e.norm IS NULL THEN x.ciphertext END, CASE WHEN e.norm IS NULL THEN x.salt END,
    CASE WHEN e.norm IS NULL THEN $version::INTEGER END
  FROM gathered AS x
  LEFT JOIN (SELECT DISTINCT norm FROM vault.erased) AS e ON e.norm = x.norm
  WHERE NOT EXISTS (SELECT 1 FROM vault.value AS k WHERE k.token = x.token)
  ORDER BY x.token`;

/** Replaces the sealed form of values that exist. */
export const resealBatch = `
  UPDATE vault.value SET ciphertext = unhex(x.ciphertext), salt = unhex(x.salt), key_version = $version::INTEGER
  FROM (SELECT unnest(string_split($tokens, chr(10))) AS token, unnest(string_split($ciphertexts, chr(10))) AS ciphertext,
      unnest(string_split($salts, chr(10))) AS salt) AS x
  WHERE vault.value.token = x.token`;
