/** Appraisal at the end of a retention period: one archivist proposes, another confirms. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { ReasonModal } from './marks.tsx';

type Answered = Answer<'/api/v1/archive-appraisals'>;
const tones = { proposed: 'warn', confirmed: 'good', rejected: undefined } as const;

export function Appraisals() {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const [proposing, setProposing] = useState<{ row: Answered['due'][number]; verdict: 'destroy' | 'keep' } | null>(
    null,
  );
  const all = useQuery({
    queryKey: ['archives', 'appraisals'],
    queryFn: ({ signal }) => api.get('/api/v1/archive-appraisals', { signal }),
  });
  const changed = () => client.invalidateQueries({ queryKey: ['archives'] });
  const second = useMutation({
    mutationFn: ({ id, confirm }: { id: number; confirm: boolean }) =>
      api.post('/api/v1/archive-appraisals/{id}/second', { params: { id }, body: { confirm } }),
    onSuccess: () => void changed(),
  });
  return (
    <Panel title={t('archives.appraisals')} flush>
      {second.isError ? <Failure error={second.error} /> : null}
      <Loaded query={all}>
        {({ due, items }) => (
          <>
            <DataTable
              caption={t('archives.appraisals-due')}
              rows={due}
              rowKey={(row) => row.id}
              empty={<Empty title={t('archives.nothing-due')}>{t('archives.nothing-due-text')}</Empty>}
              columns={[
                {
                  key: 'title',
                  title: t('archives.appraisals-due'),
                  head: true,
                  render: (row) => (
                    <>
                      <Link to="/archives/$archive" params={{ archive: String(row.id) } as never}>
                        {row.title}
                      </Link>
                      <p className="small quiet mono">{row.reference}</p>
                    </>
                  ),
                },
                {
                  key: 'organisation',
                  title: t('archives.facet.organisation'),
                  render: (row) => say(row.organisation.name),
                },
                {
                  key: 'period',
                  title: t('archives.facet.retention'),
                  tight: true,
                  render: (row) => `${row.year} · ${t(`archives.retention.${row.retention}`)}`,
                },
                {
                  key: 'actions',
                  title: t('archives.actions'),
                  tight: true,
                  render: (row) => (
                    <span className="row" style={{ gap: 4, flexWrap: 'nowrap' }}>
                      <Button size="small" onClick={() => setProposing({ row, verdict: 'keep' })}>
                        {t('archives.verdict.keep')}
                      </Button>
                      <Button size="small" danger onClick={() => setProposing({ row, verdict: 'destroy' })}>
                        {t('archives.verdict.destroy')}
                      </Button>
                    </span>
                  ),
                },
              ]}
            />
            {items.length > 0 ? (
              <DataTable
                caption={t('archives.appraisals')}
                rows={items}
                rowKey={(row) => row.id}
                columns={[
                  {
                    key: 'title',
                    title: t('archives.appraised'),
                    head: true,
                    render: (row) => (
                      <Link to="/archives/$archive" params={{ archive: String(row.archive) } as never}>
                        {row.title ?? row.reference}
                      </Link>
                    ),
                  },
                  {
                    key: 'verdict',
                    title: t('archives.verdict-title'),
                    tight: true,
                    render: (row) => t(`archives.verdict.${row.verdict}`),
                  },
                  { key: 'ground', title: t('archives.ground-title'), render: (row) => row.ground },
                  {
                    key: 'who',
                    title: t('archives.two-persons'),
                    render: (row) => `${row.by}${row.second ? ` · ${row.second}` : ''}`,
                  },
                  {
                    key: 'state',
                    title: t('archives.facet.state'),
                    tight: true,
                    render: (row) =>
                      row.state === 'proposed' && !row.mine ? (
                        <span className="row" style={{ gap: 4, flexWrap: 'nowrap' }}>
                          <Button
                            size="small"
                            type="primary"
                            onClick={() => second.mutate({ id: row.id, confirm: true })}
                          >
                            {t('archives.confirm')}
                          </Button>
                          <Button size="small" onClick={() => second.mutate({ id: row.id, confirm: false })}>
                            {t('archives.reject')}
                          </Button>
                        </span>
                      ) : (
                        <Label tone={tones[row.state]}>{t(`archives.appraisal.${row.state}`)}</Label>
                      ),
                  },
                ]}
              />
            ) : null}
          </>
        )}
      </Loaded>
      {proposing ? (
        <ReasonModal
          title={`${t(`archives.verdict.${proposing.verdict}`)}：${proposing.row.title ?? proposing.row.reference}`}
          label={t('archives.ground-title')}
          note={t(`archives.verdict-note.${proposing.verdict}`)}
          okText={t('archives.propose')}
          danger={proposing.verdict === 'destroy'}
          run={(ground) =>
            api.post('/api/v1/archive-appraisals', {
              body: { archive: proposing.row.id, verdict: proposing.verdict, ground },
            })
          }
          onClose={() => setProposing(null)}
          onDone={() => {
            setProposing(null);
            void changed();
          }}
        />
      ) : null}
    </Panel>
  );
}
