/** Handing an archive in: begun with single files, or with a package that brings its metadata. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { api, urlOf } from '../../api/client.ts';
import { FileDrop } from '../../components/drop.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import type { Archive, Rules } from './marks.tsx';

export default function DepositPage() {
  const { t } = useSpeech();
  const rules = useQuery({
    queryKey: ['archives', 'rules'],
    queryFn: ({ signal }) => api.get('/api/v1/archives/rules', { signal }),
    staleTime: 600_000,
  });
  return (
    <Page
      title={t('titles.archive-deposit')}
      lead={t('archives.deposit-lead')}
      back={{ to: '/archives', label: t('titles.archives') }}
    >
      <Loaded query={rules}>{(data) => <Begin rules={data} />}</Loaded>
    </Page>
  );
}

function Begin({ rules }: { rules: Rules }) {
  const { t, say } = useSpeech();
  const { me } = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const archivist = me.permissions.includes('archive.manage');
  const [chosen, setChosen] = useState<string | null>(rules.own);
  const organisation = archivist ? (chosen ?? undefined) : (rules.own ?? undefined);
  const go = ({ id }: { id: number }) => {
    void client.invalidateQueries({ queryKey: ['archives'] });
    void navigate({ to: '/archives/$archive', params: { archive: String(id) } as never });
  };
  const begin = useMutation({
    mutationFn: () =>
      api.post('/api/v1/archives', {
        body: {
          ...(archivist && organisation ? { organisation } : {}),
          metadata: { year: new Date().getFullYear(), category: 'WS', secrecy: 'public', opening: 'open' },
        },
      }),
    onSuccess: go,
  });
  if (!archivist && rules.own === null) return <p className="note warn">{t('archives.no-organisation')}</p>;
  return (
    <div className="stack">
      {archivist ? (
        <div className="filter" style={{ maxWidth: 360 }}>
          <label htmlFor="archive-organisation">{t('archives.whose')}</label>
          <Select
            id="archive-organisation"
            showSearch={{ optionFilterProp: 'label' }}
            value={chosen}
            onChange={setChosen}
            placeholder={t('archives.whose')}
            options={rules.organisations.map((o) => ({
              value: o.id,
              label: `${say(o.name)}${o.fonds ? ` · ${t('archives.fonds-no', { no: o.fonds })}` : ''}`,
            }))}
          />
        </div>
      ) : null}
      <Panel title={t('archives.by-files')}>
        <div className="stack-s">
          <p>{t('archives.by-files-text')}</p>
          {begin.isError ? <Failure error={begin.error} /> : null}
          <div>
            <Button type="primary" disabled={!organisation} loading={begin.isPending} onClick={() => begin.mutate()}>
              {t('archives.begin')}
            </Button>
          </div>
        </div>
      </Panel>
      <Panel title={t('archives.by-package')}>
        <div className="stack-s">
          <p>{t('archives.by-package-text')}</p>
          {organisation ? (
            <FileDrop<Archive>
              address={(file) =>
                urlOf(
                  '/api/v1/archives/packages',
                  {},
                  { name: file.name, organisation: archivist ? organisation : undefined },
                )
              }
              title={t('archives.drop-package')}
              note={t('archives.package-note', { mib: rules.limits.fileMiB })}
              sending={(name) => `${t('archives.step.sending')} ${name}`}
              onSent={go}
            />
          ) : (
            <p className="small quiet">{t('archives.whose-first')}</p>
          )}
        </div>
      </Panel>
      <Panel title={t('archives.formats')} flush>
        <DataTable
          caption={t('archives.formats')}
          rows={rules.formats.filter((f) => f.fitness !== 'refuse')}
          rowKey={(row) => row.id}
          columns={[
            { key: 'title', title: t('archives.format'), head: true, render: (row) => row.title },
            {
              key: 'ext',
              title: t('archives.extensions'),
              render: (row) => row.extensions.map((e) => `.${e}`).join(' '),
            },
            { key: 'fit', title: t('archives.fitness-title'), render: (row) => t(`archives.fitness.${row.fitness}`) },
          ]}
        />
      </Panel>
    </div>
  );
}
