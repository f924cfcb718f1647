/** Verifications of the own organisation: hand a list over, and what came of those before. */
import { InboxOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Radio, Upload } from 'antd';
import { useRef, useState } from 'react';
import { type Answer, api, sendFile, urlOf } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
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
  const [sent, setSent] = useState(0);
  const stop = useRef(new AbortController());
  const send = useMutation({
    mutationFn: (file: File) => {
      setSent(0);
      const address = urlOf('/api/v1/libraries/verifications', {}, { name: file.name, subject });
      return sendFile<{ id: number }>(address, file, setSent, stop.current.signal);
    },
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['verifications'] });
      void navigate({ to: '/verifications/$id', params: { id: String(id) } as never });
    },
  });
  const file = send.variables;
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
        <Upload.Dragger
          showUploadList={false}
          disabled={send.isPending}
          beforeUpload={(chosen) => {
            send.mutate(chosen);
            // The hub's own way of sending is used, not the component's.
            return false;
          }}
        >
          <p>
            <InboxOutlined aria-hidden="true" /> {t('verify.drop')}
          </p>
          <p className="small quiet">{t('verify.note')}</p>
        </Upload.Dragger>
        {send.isPending && file ? (
          <div role="status">
            <p className="small">{t('verify.sending', { name: file.name })}</p>
            <progress className="progress" aria-label={file.name} value={sent} max={Math.max(1, file.size)} />
          </div>
        ) : null}
        {send.isError ? <Failure error={send.error} /> : null}
      </div>
    </Panel>
  );
}
