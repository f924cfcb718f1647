/** The standing order: from here on what comes of the person goes as it comes. */
import type { Lake } from '../../platform/lake/index.ts';
import type { RowAction } from './rows.ts';

/** Lets an order stand, with what is decided by source; said again it is the same order. */
export async function standOrder(
  lake: Lake,
  order: { erasure: number; norm: string; at: Date; classes: readonly { source: string; action: RowAction }[] },
): Promise<void> {
  const { erasure, norm, at } = order;
  await lake.write('exchange:erasure', async (s) => {
    await s.run(
      `INSERT INTO ex.forgotten SELECT $erasure, $norm, $at::TIMESTAMP WHERE NOT EXISTS (SELECT 1 FROM ex.forgotten WHERE erasure = $erasure)`,
      { erasure, norm, at },
    );
    await s.run('DELETE FROM ex.forgotten_class WHERE erasure = $erasure', { erasure });
    await s.append(
      'ex.forgotten_class',
      order.classes.map((c) => [erasure, c.source, c.action]),
    );
  });
}
