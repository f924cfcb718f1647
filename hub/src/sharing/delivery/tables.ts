/**
 * What every recipient has, in the lake: one line per record and delivery that brought it or took it away. The last line of a record
 * says whether the recipient has it; `fact` leads to the received row, so that whoever got a wrong value is found.
 */
export const deliveryTables: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS shr',
  `CREATE TABLE IF NOT EXISTS shr.delivered (
     share INTEGER, delivery INTEGER, fact BIGINT, digest UBIGINT, change TINYINT)`,
];

/** Records that a recipient has before a delivery: fact and digest. Parameters `$share` and `$delivery`. */
export const HELD = `SELECT fact, digest FROM (
    SELECT fact, digest, change FROM shr.delivered WHERE share = $share AND delivery < $delivery
    QUALIFY row_number() OVER (PARTITION BY fact ORDER BY delivery DESC, change DESC) = 1)
  WHERE change = 1`;

/** Number of a record for one recipient: says nothing of the record, and whose copy it is. Parameter `$mark`. */
export const recordNumber = (fact: string): string => `substr(sha256($mark || ':' || ${fact}::VARCHAR), 1, 20)`;
