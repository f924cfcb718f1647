/** Verifications of the own organisation: hand a list over, and what came of those before. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Radio } from 'antd';
import { useState } from 'react';
import { type Answer, api, urlOf } from '../../api/client.ts';
import { FileDrop } from '../../components/drop.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, instant, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

type One = Answer<'/api/v1/libraries/verifications'>['items'][number];
const tones = { waiting: 'info', done: 'good', failed: 'bad' } as const;

/** How a verification stands. */
export function VerificationState({ state }: { state: One['state'] }) {
  const { t } = useSpeech();
  return <Label tone={tones[state]}>{t(`verify.state.${state}`)}</Label>;
}

export default function Verifications() {
  const { t } = useSpeech();
  const all = useQuery({
    queryKey: ['verifications'],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/verifications', { signal }),
    refetchInterval: ({ state }) => (state.data?.items.some((v) => v.state === 'waiting') ? 1_500 : false),
  });
  const rowsOf = (v: One, outcome: string) => v.counts.find((c) => c.outcome === outcome)?.rows ?? 0;
  return (
    <Page title={t('titles.verifications')} lead={t('verify.lead')}>
      <div className="stack">
        <HandOver />
        <Loaded query={all}>
          {(data) => (
            <Panel title={t('verify.list')} flush>
              <DataTable
                caption={t('titles.verifications')}
                rows={data.items}
                rowKey={(row) => row.id}
                empty={<Empty title={t('verify.empty')}>{t('verify.empty-text')}</Empty>}
                columns={[
                  {
                    key: 'title',
                    title: t('verify.list'),
                    head: true,
                    render: (row) => (
                      <Link to="/verifications/$id" params={{ id: String(row.id) } as never}>
                        {row.title}
                      </Link>
                    ),
                  },
                  { key: 'subject', title: t('verify.subject'), render: (row) => t(`verify.${row.subject}`) },
                  {
                    key: 'state',
                    title: t('verify.state-title'),
                    render: (row) => <VerificationState state={row.state} />,
                  },
                  {
                    key: 'received',
                    title: t('verify.received'),
                    align: 'end',
                    render: (row) => (row.received === null ? '—' : full(row.received)),
                  },
                  {
                    key: 'agreed',
                    title: t('verify.agreed'),
                    align: 'end',
                    render: (row) => (row.received ? percent(rowsOf(row, 'agreed') / row.received, 1) : '—'),
                  },
                  {
                    key: 'correct',
                    title: t('verify.to-correct'),
                    align: 'end',
                    render: (row) => (row.received === null ? '—' : full(row.received - rowsOf(row, 'agreed'))),
                  },
                  { key: 'by', title: t('verify.by'), render: (row) => row.by },
                  { key: 'at', title: t('verify.at'), tight: true, render: (row) => instant(row.at) },
                ]}
              />
            </Panel>
          )}
        </Loaded>
      </div>
    </Page>
  );
}

function HandOver() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [subject, setSubject] = useState<One['subject']>('person');
  return (
    <Panel title={t('verify.upload')}>
      <div className="stack-s">
        <Radio.Group
          aria-label={t('verify.subject')}
          value={subject}
          onChange={(event) => setSubject(event.target.value as One['subject'])}
          options={[
            { value: 'person', label: t('verify.person') },
            { value: 'legal-person', label: t('verify.legal-person') },
          ]}
        />
        <FileDrop<{ id: number }>
          address={(file) => urlOf('/api/v1/libraries/verifications', {}, { name: file.name, subject })}
          title={t('verify.drop')}
          note={t('verify.note')}
          sending={(name) => t('verify.sending', { name })}
          onSent={({ id }) => {
            void client.invalidateQueries({ queryKey: ['verifications'] });
            void navigate({ to: '/verifications/$id', params: { id: String(id) } as never });
          }}
        />
      </div>
    </Panel>
  );
}
