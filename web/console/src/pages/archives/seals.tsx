/** The seals of an archive: the one in force and those before it. */
import { Link } from '@tanstack/react-router';
import { Label, Panel } from '../../components/page.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash, Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import type { Archive } from './marks.tsx';

export function Seals({ archive }: { archive: Archive }) {
  const { t } = useSpeech();
  const { me } = useSession();
  const may = me.permissions.includes('seal.read');
  return (
    <Panel title={t('archives.seals')} flush>
      <DataTable
        caption={t('archives.seals')}
        rows={archive.seals}
        rowKey={(row) => row.no}
        columns={[
          {
            key: 'no',
            title: t('archives.seal'),
            head: true,
            tight: true,
            render: (row) =>
              may ? (
                <Link to="/trust/seals/$seal" params={{ seal: String(row.seal) } as never}>
                  {t('archives.seal-no', { n: row.no })}
                </Link>
              ) : (
                t('archives.seal-no', { n: row.no })
              ),
          },
          {
            key: 'state',
            title: t('archives.signed-at'),
            render: (row) =>
              row.signedAt ? <Instant at={row.signedAt} /> : <Label tone="warn">{t('archives.seal-pending')}</Label>,
          },
          { key: 'algorithm', title: t('archives.algorithm'), tight: true, render: (row) => row.algorithm },
          { key: 'leaves', title: t('archives.leaves'), align: 'end', tight: true, render: (row) => full(row.leaves) },
          { key: 'root', title: t('archives.root'), render: (row) => <Hash value={row.root.slice(2)} /> },
        ]}
      />
    </Panel>
  );
}
