/** The vault as erasing a person needs it (docs/erasure.md). Who asks is checked and audited by the room of erasure. */
import { createHmac } from 'node:crypto';
import type { Lake } from '../lake/index.ts';
import { listed } from '../personal.ts';
import type { ErasingVault } from '../room.ts';

/** Made by the vault itself; `open` answers originals that can be opened. */
export function erasingOf(
  lake: Lake,
  tokenKey: Buffer,
  open: (tokens: readonly string[]) => Promise<string[]>,
): ErasingVault {
  const spellings = async (norm: string): Promise<string[]> =>
    (
      await lake.query<{ token: string }>('SELECT token FROM vault.value WHERE norm = $norm ORDER BY token', { norm })
    ).map((r) => r.token);
  const once = (table: string) => `INSERT INTO vault.${table} SELECT $norm, $at::TIMESTAMP
    WHERE NOT EXISTS (SELECT 1 FROM vault.${table} WHERE norm = $norm)`;
  return {
    spellings,
    alike: async (tokens) =>
      (
        await lake.query<{ token: string }>(
          `SELECT token FROM vault.value WHERE check_code = 'ok' AND norm IN
             (SELECT norm FROM vault.value WHERE list_contains($tokens::VARCHAR[], token) AND check_code = 'ok') ORDER BY token`,
          { tokens: listed(tokens) },
        )
      ).map((r) => r.token),
    open: (tokens) => open(tokens),
    async close(norm, at) {
      await lake.write('vault', (s) => s.run(once('erased'), { norm, at }));
    },
    destroy: (norm) =>
      lake.write('vault', (s) =>
        s.run(
          `UPDATE vault.value SET ciphertext = NULL, salt = NULL, key_version = NULL, mask = '***' WHERE norm = $norm AND ciphertext IS NOT NULL`,
          { norm },
        ),
      ),
    remove: (tokens) =>
      lake.write('vault', (s) =>
        s.run('DELETE FROM vault.value WHERE list_contains($tokens::VARCHAR[], token)', { tokens: listed(tokens) }),
      ),
    restrict: (norm, at) =>
      lake.write('vault', async (s) => {
        await s.run(once('restricted'), { norm, at });
        return s.run(`UPDATE vault.value SET mask = '***' WHERE norm = $norm AND mask <> '***'`, { norm });
      }),
    digest: (norm) =>
      createHmac('sha256', createHmac('sha256', tokenKey).update('jingwei erasure certificate').digest())
        .update(norm)
        .digest('hex'),
  };
}
