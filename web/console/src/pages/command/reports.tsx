/** Situation reports: drafted out of the log, edited, signed; the PDF. */
import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { type Answer, api, urlOf } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { type Operation, useAct } from './shared.tsx';

type Report = Answer<'/api/v1/command/operations/{id}/reports'>['items'][number];

export function Reports({ o }: { o: Operation }) {
  const { t, language } = useSpeech();
  const { id } = o.head;
  const [editing, setEditing] = useState<Report>();
  const list = useQuery({
    queryKey: ['command', 'reports', id, o.head.seq],
    queryFn: ({ signal }) => api.get('/api/v1/command/operations/{id}/reports', { params: { id }, signal }),
    placeholderData: (before) => before,
  });
  const may = o.mayAct && o.head.state !== 'closed';
  const draft = useAct(() =>
    api.post('/api/v1/command/operations/{id}/reports', { params: { id }, body: { language } }),
  );
  const sign = useAct((r: Report) =>
    api.post('/api/v1/command/operations/{id}/reports/{number}/sign', {
      params: { id, number: r.number },
      body: { version: r.version },
    }),
  );
  return (
    <Panel
      title={t('command.reports')}
      extra={
        may ? (
          <Button size="small" type="primary" loading={draft.isPending} onClick={() => draft.mutate(undefined)}>
            {t('command.draft')}
          </Button>
        ) : null
      }
    >
      {draft.isError ? <Failure error={draft.error} /> : null}
      {sign.isError ? <Failure error={sign.error} /> : null}
      <Loaded query={list}>
        {({ items }) => {
          const latest = items.filter((r, n) => items.findIndex((x) => x.number === r.number) === n);
          if (!latest.length) return <Empty title={t('command.no-reports')}>{t('command.reports-text')}</Empty>;
          return (
            <div className="stack">
              {latest.map((r) => (
                <article key={r.number} className="command-report">
                  <div className="row spread">
                    <h3>{r.content.title}</h3>
                    <span className="row">
                      <Label tone={r.state === 'signed' ? 'good' : 'warn'}>{t(`command.report-${r.state}`)}</Label>
                      <Button
                        size="small"
                        icon={<DownloadOutlined />}
                        onClick={() =>
                          void download(
                            urlOf('/api/v1/command/operations/{id}/reports/{number}/pdf', { id, number: r.number }),
                          )
                        }
                      >
                        PDF
                      </Button>
                      {may && r.state === 'draft' ? (
                        <>
                          <Button size="small" onClick={() => setEditing(r)}>
                            {t('command.edit')}
                          </Button>
                          <Button size="small" type="primary" loading={sign.isPending} onClick={() => sign.mutate(r)}>
                            {t('command.sign')}
                          </Button>
                        </>
                      ) : null}
                    </span>
                  </div>
                  <p className="small quiet">
                    {t('command.version-n', { n: r.version })} · {r.madeBy} · {instant(r.madeAt)} ·{' '}
                    {t('command.upto', { n: r.upto })}
                  </p>
                  {r.content.sections.map((s) => (
                    <section key={s.heading}>
                      <h4>{s.heading}</h4>
                      <p className="command-pre">{s.text}</p>
                    </section>
                  ))}
                </article>
              ))}
            </div>
          );
        }}
      </Loaded>
      {editing ? <Edit id={id} report={editing} onClose={() => setEditing(undefined)} /> : null}
    </Panel>
  );
}

function Edit({ id, report, onClose }: { id: number; report: Report; onClose: () => void }) {
  const { t } = useSpeech();
  const [content, setContent] = useState(report.content);
  const save = useAct(
    () =>
      api.post('/api/v1/command/operations/{id}/reports/{number}/edit', {
        params: { id, number: report.number },
        body: { content, version: report.version },
      }),
    onClose,
  );
  return (
    <Modal
      open
      width={860}
      title={t('command.edit')}
      okText={t('common.save')}
      cancelText={t('common.cancel')}
      okButtonProps={{ loading: save.isPending }}
      onOk={() => save.mutate(undefined)}
      onCancel={onClose}
    >
      <div className="stack-s">
        <Input
          aria-label={t('command.title')}
          value={content.title}
          maxLength={200}
          onChange={(e) => setContent({ ...content, title: e.target.value })}
        />
        {content.sections.map((s, n) => (
          <div key={s.heading}>
            <p className="strong">{s.heading}</p>
            <Input.TextArea
              aria-label={s.heading}
              autoSize={{ minRows: 2, maxRows: 12 }}
              value={s.text}
              maxLength={20_000}
              onChange={(e) =>
                setContent({
                  ...content,
                  sections: content.sections.map((x, m) => (m === n ? { ...x, text: e.target.value } : x)),
                })
              }
            />
          </div>
        ))}
        {save.isError ? <Failure error={save.error} /> : null}
      </div>
    </Modal>
  );
}
