/** The audit: who did what, to what, why, and how it ended; and the check that nothing was changed or taken out. */
import { DownloadOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { api, urlOf } from '../../api/client.ts';
import { ChoiceFilter, DateFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page } from '../../components/page.tsx';
import { SealMark } from '../../components/seal-mark.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash, Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';

const keys = ['actor', 'action', 'object', 'outcome', 'from', 'to'] as const;

/** A day of Shanghai as the instant at which it begins, in UTC. */
function startOf(day: string, plusDays = 0): string | undefined {
  const at = Date.parse(`${day}T00:00:00+08:00`);
  return Number.isNaN(at) ? undefined : new Date(at + plusDays * 86_400_000).toISOString();
}

export default function Audit() {
  const { t } = useSpeech();
  const url = useUrlState();
  const filter = {
    actor: url.get('actor'),
    action: url.get('action'),
    object: url.get('object'),
    outcome: url.get('outcome'),
    from: url.get('from') ? startOf(url.get('from')) : undefined,
    // The day named is included; the hub's bound is exclusive.
    to: url.get('to') ? startOf(url.get('to'), 1) : undefined,
  };
  const query = { ...filter, before: url.get('before'), limit: 100 };
  const audit = useQuery({
    queryKey: ['audit', query],
    queryFn: ({ signal }) => api.get('/api/v1/audit', { query, signal }),
    placeholderData: keepPreviousData,
  });
  const verify = useMutation({ mutationFn: () => api.post('/api/v1/audit/verify', {}) });
  const [open, setOpen] = useState<number | null>(null);
  const tone = { ok: 'good', refused: 'warn', failed: 'bad' } as const;
  return (
    <Page
      title={t('titles.audit')}
      lead={
        <span className="row">
          <span>{t('system.audit.lead')}</span>
          <SealMark kind="audit" silent />
        </span>
      }
      actions={
        <>
          <Button icon={<SafetyCertificateOutlined />} loading={verify.isPending} onClick={() => verify.mutate()}>
            {t('system.audit.verify')}
          </Button>
          <Button icon={<DownloadOutlined />} href={urlOf('/api/v1/audit.csv', {}, filter)} download>
            {t('system.audit.export')}
          </Button>
        </>
      }
    >
      {verify.isError ? <Failure error={verify.error} /> : null}
      {verify.data ? (
        <div className={verify.data.intact ? 'note good' : 'note bad'} role="status" style={{ marginBlockEnd: 14 }}>
          {verify.data.intact
            ? t('system.audit.intact', { n: full(verify.data.entries) })
            : t('system.audit.broken', {
                seq: verify.data.broken?.seq ?? '',
                reason: t(`system.audit.reason.${verify.data.broken?.reason ?? 'content'}`),
              })}{' '}
          <Hash value={verify.data.head} />
        </div>
      ) : null}
      <Filters keys={keys}>
        <TextFilter name="actor" label={t('system.audit.actor')} width={140} />
        <TextFilter name="action" label={t('system.audit.action')} hint="auth.*" width={160} />
        <TextFilter name="object" label={t('system.audit.object')} width={180} />
        <ChoiceFilter
          name="outcome"
          label={t('system.audit.outcome')}
          width={110}
          choices={['ok', 'refused', 'failed'].map((value) => ({ value, label: t(`system.audit.outcomes.${value}`) }))}
        />
        <DateFilter name="from" label={t('common.from')} width={140} />
        <DateFilter name="to" label={t('common.to')} width={140} />
      </Filters>
      <Loaded query={audit}>
        {(data) => (
          <div className="stack-s">
            <DataTable
              caption={t('titles.audit')}
              rows={data.items}
              rowKey={(row) => row.seq}
              empty={
                <div className="panel">
                  <Empty title={t('system.audit.empty')}>{t('system.audit.empty-text')}</Empty>
                </div>
              }
              columns={[
                { key: 'seq', title: '#', align: 'end', render: (row) => full(row.seq) },
                { key: 'at', title: t('system.audit.at'), tight: true, render: (row) => <Instant at={row.at} /> },
                {
                  key: 'actor',
                  title: t('system.audit.actor'),
                  head: true,
                  render: (row) => (
                    <>
                      <span className="mono">{row.actor ?? t('system.audit.nobody')}</span>
                      <div className="small quiet">
                        {row.roles.map((role) => t(`frame.role.${role}`, { defaultValue: role })).join(' / ')}
                      </div>
                    </>
                  ),
                },
                {
                  key: 'action',
                  title: t('system.audit.action'),
                  render: (row) => <span className="mono">{row.action}</span>,
                },
                {
                  key: 'object',
                  title: t('system.audit.object'),
                  render: (row) => (
                    <span className="clip mono" style={{ maxWidth: '22em' }} title={row.object}>
                      {row.object}
                    </span>
                  ),
                },
                {
                  key: 'purpose',
                  title: t('system.audit.purpose'),
                  render: (row) => row.purpose ?? <span className="quiet">—</span>,
                },
                {
                  key: 'outcome',
                  title: t('system.audit.outcome'),
                  tight: true,
                  render: (row) => <Label tone={tone[row.outcome]}>{t(`system.audit.outcomes.${row.outcome}`)}</Label>,
                },
                {
                  key: 'detail',
                  title: t('system.audit.detail'),
                  render: (row) =>
                    Object.keys(row.detail).length ? (
                      <>
                        <button
                          type="button"
                          className="link-button"
                          aria-expanded={open === row.seq}
                          onClick={() => setOpen(open === row.seq ? null : row.seq)}
                        >
                          {open === row.seq ? t('common.close') : t('common.open')}
                        </button>
                        {open === row.seq ? <pre className="raw">{JSON.stringify(row.detail, null, 1)}</pre> : null}
                      </>
                    ) : (
                      <span className="quiet">—</span>
                    ),
                },
                { key: 'hash', title: t('system.audit.hash'), tight: true, render: (row) => <Hash value={row.hash} /> },
              ]}
            />
            <div className="row" style={{ justifyContent: 'flex-end' }}>
              {url.get('before') ? (
                <Button size="small" onClick={() => url.set({ before: undefined })}>
                  {t('common.first')}
                </Button>
              ) : null}
              {data.next ? (
                <Button size="small" onClick={() => url.set({ before: data.next ?? undefined })}>
                  {t('common.next')}
                </Button>
              ) : null}
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
