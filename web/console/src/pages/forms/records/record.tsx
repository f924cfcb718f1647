/** A record: its values, what may be done with it, comments, and who changed what when. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../../components/page.tsx';
import { Failure, Loaded } from '../../../components/states.tsx';
import { Instant, Value as Shown } from '../../../components/value.tsx';
import { day, instant } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useSession } from '../../../session/session.tsx';
import { useWords } from '../fill/context.tsx';
import { today, usePlaceName } from '../fill/form.tsx';
import { Differences, useShown } from '../shared/differences.tsx';
import { hub } from '../shared/hub.ts';
import { RecordLabel } from '../shared/parts.tsx';
import { computed, type Design } from '../shared/pure.ts';
import { Sheet } from '../shared/sheet.tsx';
import type { ConflictItem, HistoryItem, RecordDetail, StepName } from '../shared/types.ts';
import '../../../styles/forms.css';

const needsReason = new Set<StepName>(['return', 'withdraw', 'reopen']);

export default function RecordPage() {
  const { t } = useSpeech();
  const { form, record } = useParams({ strict: false }) as { form: string; record: string };
  const query = useQuery({
    queryKey: ['forms', 'record', form, record],
    queryFn: ({ signal }) =>
      hub.get<RecordDetail>('/api/v1/forms/{form}/records/{record}', { params: { form, record }, signal }),
  });
  return (
    <Loaded query={query} heading={t('titles.form-record')}>
      {(data) => <One record={data} />}
    </Loaded>
  );
}

function One({ record }: { record: RecordDetail }) {
  const { t } = useSpeech();
  const words = useWords();
  const { may } = useSession();
  const caption = record.caption || record.id.slice(0, 8);
  useTabTitle(caption);
  const params = { form: record.form, record: record.id };
  return (
    <Page
      title={<Shown value={caption} />}
      lead={words(record.design.title)}
      back={
        may('forms.read')
          ? { to: `/forms/${record.form}`, label: words(record.design.title) }
          : { to: '/collect', label: t('titles.collect') }
      }
      actions={
        <>
          {record.may.change ? (
            <Link
              to="/collect/fill/$draft"
              params={{ draft: 'new' } as never}
              search={{ form: record.form, record: record.id } as never}
            >
              <Button>{t('forms.change-record')}</Button>
            </Link>
          ) : null}
          <Link
            to="/forms/$form/print"
            params={{ form: String(record.form) } as never}
            search={{ record: record.id } as never}
          >
            <Button>{t('titles.form-print')}</Button>
          </Link>
        </>
      }
    >
      <div className="aside-right">
        <div className="stack">
          {record.conflictList.map((conflict) => (
            <Settle key={conflict.seq} record={record} conflict={conflict} />
          ))}
          <Panel title={t('forms.values')}>
            <Sheet
              design={record.design}
              values={record.values}
              visible={computed(record.design, record.values, today()).visible}
            />
          </Panel>
          {record.faults.length ? <Faults record={record} /> : null}
          <History params={params} design={record.design} revision={record.revision} />
        </div>
        <div className="stack">
          <Steps record={record} />
          <Panel title={t('forms.about')}>
            <Facts>
              <Fact label={t('forms.filled-by')}>{record.filledBy.name}</Fact>
              <Fact label={t('forms.version-label')}>{t('forms.version', { n: record.version })}</Fact>
              <Fact label={t('forms.print.received')}>
                <Instant at={record.receivedAt} />
              </Fact>
              {record.collectedAt ? (
                <Fact label={t('forms.collected-at')}>
                  <Instant at={record.collectedAt} />
                </Fact>
              ) : null}
              {record.task ? (
                <Fact label={t('forms.tasks')}>
                  <Link
                    to="/forms/$form/tasks/$task"
                    params={{ form: String(record.form), task: String(record.task) } as never}
                  >
                    #{record.task}
                  </Link>
                </Fact>
              ) : null}
              {record.source ? (
                <Fact label={t('forms.source')} wide>
                  <Label
                    tone={
                      record.source.state === 'collected' ? 'good' : record.source.state === 'failed' ? 'bad' : 'info'
                    }
                  >
                    {t(`forms.source-state.${record.source.state}`)}
                  </Label>
                </Fact>
              ) : null}
            </Facts>
          </Panel>
          <Comments record={record} />
        </div>
      </div>
    </Page>
  );
}

function Faults({ record }: { record: RecordDetail }) {
  const { t, language } = useSpeech();
  const name = usePlaceName(record.design);
  return (
    <Panel title={t('forms.fill.faults', { n: record.faults.length })}>
      <ul className="stack-s">
        {record.faults.map((fault) => (
          <li key={fault.at + fault.code}>
            <span className="strong">{fault.at ? name(fault.at) : ''}</span> {fault[language]}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function useStep(record: RecordDetail) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const { t } = useSpeech();
  return useMutation({
    mutationFn: ({ action, reason }: { action: StepName; reason?: string }) =>
      hub.post('/api/v1/forms/{form}/records/{record}/steps', {
        params: { form: record.form, record: record.id },
        body: { action, revision: record.revision, ...(reason ? { reason } : {}) },
      }),
    onSuccess: () => void message.success(t('forms.step-done')),
    onSettled: () => client.invalidateQueries({ queryKey: ['forms'] }),
  });
}

function Steps({ record }: { record: RecordDetail }) {
  const { t } = useSpeech();
  const id = useId();
  const step = useStep(record);
  const [asking, setAsking] = useState<StepName | null>(null);
  const [reason, setReason] = useState('');
  return (
    <Panel title={t('forms.handling')}>
      <div className="stack-s">
        <div className="row">
          <RecordLabel state={record.state} />
          {record.overdue ? <Label tone="bad">{t('forms.overdue')}</Label> : null}
          {record.due ? <span className="small">{t('forms.due', { day: day(record.due) })}</span> : null}
        </div>
        {record.withdrawnReason ? <p className="small">{record.withdrawnReason}</p> : null}
        {record.may.steps.length ? (
          <div className="row">
            {record.may.steps.map((action) => (
              <Button
                key={action}
                type={action === 'accept' || action === 'submit' || action === 'check' ? 'primary' : 'default'}
                danger={action === 'withdraw'}
                loading={step.isPending && step.variables?.action === action}
                onClick={() => (needsReason.has(action) ? setAsking(action) : step.mutate({ action }))}
              >
                {t(`forms.step.${action}`)}
              </Button>
            ))}
          </div>
        ) : (
          <p className="small quiet">{t('forms.no-steps')}</p>
        )}
        {step.isError ? <Failure error={step.error} /> : null}
        {record.conflicts ? <p className="small warn-text">{t('forms.settle-first')}</p> : null}
      </div>
      {asking ? (
        <Modal
          open
          title={t(`forms.step.${asking}`)}
          okText={t(`forms.step.${asking}`)}
          cancelText={t('common.cancel')}
          okButtonProps={{ disabled: reason.trim().length < 2 }}
          onCancel={() => setAsking(null)}
          onOk={() => {
            step.mutate({ action: asking, reason: reason.trim() });
            setAsking(null);
            setReason('');
          }}
        >
          <label htmlFor={`${id}-r`}>{t('common.reason')}</label>
          <Input.TextArea
            id={`${id}-r`}
            rows={3}
            maxLength={500}
            value={reason}
            onChange={(e) => setReason(e.target.value)}
            autoFocus
          />
          <p className="small quiet">{t('forms.reason-seen')}</p>
        </Modal>
      ) : null}
    </Panel>
  );
}

function Settle({ record, conflict }: { record: RecordDetail; conflict: ConflictItem }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const settle = useMutation({
    mutationFn: (take: 'present' | 'other') =>
      hub.post('/api/v1/forms/{form}/records/{record}/settle', {
        params: { form: record.form, record: record.id },
        body: { seq: conflict.seq, revision: record.revision, take },
      }),
    onSettled: () => client.invalidateQueries({ queryKey: ['forms'] }),
  });
  return (
    <section className="note warn stack-s" aria-label={t('forms.standing.conflict')}>
      <p className="strong">{t('forms.conflict.office', { by: conflict.by.name, at: instant(conflict.at) })}</p>
      <Differences
        design={record.design}
        before={record.values}
        after={conflict.values}
        titles={[
          t('forms.conflict.theirs', { at: instant(record.updatedAt) }),
          t('forms.conflict.from', { by: conflict.by.name }),
        ]}
      />
      {record.may.settle ? (
        <div className="row">
          <Button loading={settle.isPending} onClick={() => settle.mutate('present')}>
            {t('forms.conflict.take-theirs')}
          </Button>
          <Button loading={settle.isPending} onClick={() => settle.mutate('other')}>
            {t('forms.conflict.take-from', { by: conflict.by.name })}
          </Button>
        </div>
      ) : null}
      {settle.isError ? <Failure error={settle.error} /> : null}
    </section>
  );
}

function Comments({ record }: { record: RecordDetail }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const id = useId();
  const [text, setText] = useState('');
  const say = useMutation({
    mutationFn: () =>
      hub.post('/api/v1/forms/{form}/records/{record}/comments', {
        params: { form: record.form, record: record.id },
        body: { text: text.trim() },
      }),
    onSuccess: async () => {
      setText('');
      await client.invalidateQueries({ queryKey: ['forms', 'record'] });
    },
  });
  return (
    <Panel title={t('forms.comments')}>
      <div className="stack-s">
        {record.comments.map((comment) => (
          <div key={comment.id}>
            <p className="small quiet">
              {comment.by.name} · {instant(comment.at)}
            </p>
            <p style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>{comment.text}</p>
          </div>
        ))}
        <label htmlFor={id}>{t('forms.comment')}</label>
        <Input.TextArea id={id} rows={2} maxLength={1000} value={text} onChange={(e) => setText(e.target.value)} />
        {say.isError ? <Failure error={say.error} /> : null}
        <div>
          <Button disabled={!text.trim()} loading={say.isPending} onClick={() => say.mutate()}>
            {t('forms.comment-go')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function History({
  params,
  design,
  revision,
}: {
  params: { form: number; record: string };
  design: Design;
  revision: number;
}) {
  const { t } = useSpeech();
  const query = useQuery({
    queryKey: ['forms', 'record', 'history', params, revision],
    queryFn: ({ signal }) =>
      hub.get<{ items: HistoryItem[] }>('/api/v1/forms/{form}/records/{record}/history', { params, signal }),
  });
  return (
    <Panel title={t('forms.history')}>
      <Loaded query={query}>
        {(data) => (
          <ol className="stack history">
            {data.items.map((item) => (
              <Step key={item.seq} item={item} design={design} />
            ))}
          </ol>
        )}
      </Loaded>
    </Panel>
  );
}

function Step({ item, design }: { item: HistoryItem; design: Design }) {
  const { t, say } = useSpeech();
  const words = useWords();
  const shown = useShown();
  return (
    <li className="stack-s">
      <div className="row">
        <span className="strong">{say(item.title)}</span>
        <span>{item.by.name}</span>
        <span className="small quiet num">{instant(item.at)}</span>
        {item.to && item.from !== item.to ? <RecordLabel state={item.to} /> : null}
      </div>
      {item.deviceAt ? <p className="small quiet">{t('forms.on-phone', { at: instant(item.deviceAt) })}</p> : null}
      {item.reason ? <p className="small">{item.reason}</p> : null}
      {item.changes.length ? (
        <details>
          <summary className="small">{t('forms.changes', { n: item.changes.length })}</summary>
          <dl className="differences">
            {item.changes.map((change) => {
              const field = design.fields.find((f) => f.name === change.field);
              const text = (value: unknown) => (field ? shown(field, value) : String(value ?? ''));
              return (
                <div key={change.field}>
                  <dt className="strong">{field && field.kind !== 'note' ? words(field.title) : change.field}</dt>
                  <dd>
                    <span className="small quiet">{t('forms.before')}</span> <Shown value={text(change.before)} />
                  </dd>
                  <dd>
                    <span className="small quiet">{t('forms.after')}</span> <Shown value={text(change.after)} />
                  </dd>
                </div>
              );
            })}
          </dl>
        </details>
      ) : null}
    </li>
  );
}
