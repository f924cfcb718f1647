/** 月度通报: reports of every month and version, their files and seals; a month is reckoned again on demand. */
import { DownloadOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { type Answer, api, urlOf } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { SealMark } from '../../components/seal-mark.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

type Report = Answer<'/api/v1/assessment/reports'>['items'][number];

export default function Reports() {
  const { t, say } = useSpeech();
  const reports = useQuery({
    queryKey: ['assessment', 'reports'],
    queryFn: ({ signal }) => api.get('/api/v1/assessment/reports', { signal }),
  });
  return (
    <Page title={t('titles.assessment-reports')} lead={t('assessment.reports-lead')}>
      <Loaded query={reports}>
        {(data) => (
          <Panel title={t('titles.assessment-reports')} flush>
            <DataTable
              caption={t('titles.assessment-reports')}
              rows={data.items}
              rowKey={(r) => `${r.scheme} ${r.month} ${r.version}`}
              empty={<Empty title={t('assessment.reports-empty')}>{t('assessment.none-text')}</Empty>}
              columns={[
                {
                  key: 'month',
                  title: t('assessment.report'),
                  head: true,
                  render: (r) => (
                    <>
                      {r.month} · {say(r.title)}
                      <p className="small quiet">
                        {t('assessment.as-of', { day: r.day })} · {instant(r.madeAt)}
                      </p>
                    </>
                  ),
                },
                {
                  key: 'state',
                  title: t('assessment.state-label'),
                  render: (r) => (
                    <div className="stack-s">
                      <span>
                        <Label tone={r.version === 0 ? 'warn' : 'good'}>
                          {r.version === 0 ? t('assessment.provisional') : t('assessment.version', { n: r.version })}
                        </Label>
                      </span>
                      {r.objection ? (
                        <span className="small">{t('assessment.corrected', { n: r.objection })}</span>
                      ) : null}
                      {r.version === 0 ? (
                        <span className="small quiet">{t('assessment.preview')}</span>
                      ) : (
                        <SealMark kind="file" subject={`assessment/${r.scheme}/${r.month}/${r.version}`} />
                      )}
                    </div>
                  ),
                },
                { key: 'files', title: t('assessment.download'), render: (r) => <Files report={r} /> },
                { key: 'check', title: t('assessment.check'), render: (r) => <Check report={r} /> },
              ]}
            />
          </Panel>
        )}
      </Loaded>
    </Page>
  );
}

function Files({ report: r }: { report: Report }) {
  const { t } = useSpeech();
  const save = useMutation({
    mutationFn: (language: string) =>
      download(
        urlOf('/api/v1/assessment/report', {}, { scheme: r.scheme, month: r.month, version: r.version, language }),
      ),
  });
  return (
    <div className="stack-s">
      <div className="row" style={{ gap: 8 }}>
        {(['zh', 'en'] as const).map((language) => (
          <Button
            key={language}
            size="small"
            icon={<DownloadOutlined />}
            loading={save.isPending && save.variables === language}
            onClick={() => save.mutate(language)}
          >
            {t(`assessment.${language}`)}
          </Button>
        ))}
      </div>
      {save.isError ? <Failure error={save.error} /> : null}
    </div>
  );
}

function Check({ report: r }: { report: Report }) {
  const { t } = useSpeech();
  const check = useMutation({
    mutationFn: () =>
      api.get('/api/v1/assessment/check', { query: { scheme: r.scheme, month: r.month, version: r.version } }),
  });
  return (
    <div className="stack-s">
      <Button size="small" loading={check.isPending} onClick={() => check.mutate()}>
        {t('assessment.check')}
      </Button>
      {check.data ? (
        <p className={check.data.same ? 'small good-text' : 'small bad-text'} role="status">
          {check.data.same
            ? t('assessment.check-same', { units: check.data.units, records: check.data.records })
            : t('assessment.check-differs')}
        </p>
      ) : null}
      {check.isError ? <Failure error={check.error} /> : null}
    </div>
  );
}
