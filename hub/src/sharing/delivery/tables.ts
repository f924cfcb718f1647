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
    SELECT fact, arg_max(digest, turn) AS digest, arg_max(change, turn) AS change
    FROM (SELECT fact, digest, change, delivery::BIGINT * 4 + change AS turn FROM shr.delivered WHERE share = $share AND delivery < $delivery)
    GROUP BY fact)
  WHERE change = 1`;

/** Number of a record for one recipient: says nothing of the record, and whose copy it is. Parameter `$mark`. */
export const recordNumber = (fact: string): string => `substr(sha256($mark || ':' || ${fact}::VARCHAR), 1, 20)`;
