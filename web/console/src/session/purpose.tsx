/**
 * Choosing the purpose of looking at personal data: once per session, kept by the hub and written into the audit with
 * every look. Any page can ask for it; the dialog is one.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Select } from 'antd';
import { type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { api } from '../api/client.ts';
import type { PurposeCode } from '../api/types.ts';
import { Failure } from '../components/states.tsx';
import { useSpeech } from '../i18n/index.ts';
import { PurposeContext, type PurposeDialog } from './purpose-context.ts';
import { meQuery, useSession } from './session.tsx';

export const purposeCodes: readonly PurposeCode[] = [
  'credit-check',
  'data-quality',
  'correction',
  'supervision',
  'statistics',
  'complaint',
  'legal-duty',
];

export function usePurposeDialog(): PurposeDialog {
  const dialog = useContext(PurposeContext);
  if (!dialog) throw new Error('usePurposeDialog outside PurposeProvider');
  return dialog;
}

interface PurposeForm {
  code: PurposeCode;
  caseReference: string;
  text: string;
}

export function PurposeProvider({ children }: { children: ReactNode }) {
  const { t } = useSpeech();
  const { me } = useSession();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<PurposeForm>();
  const refresh = async () => {
    // What was fetched under the old purpose may show too much or too little.
    await client.invalidateQueries();
    await client.fetchQuery({ ...meQuery, staleTime: 0 });
    setOpen(false);
  };
  const choose = useMutation({
    mutationFn: (body: PurposeForm) => api.post('/api/v1/me/purpose', { body }),
    onSuccess: refresh,
  });
  const withdraw = useMutation({ mutationFn: () => api.delete('/api/v1/me/purpose'), onSuccess: refresh });
  const ask = useCallback(() => setOpen(true), []);
  const dialog = useMemo(() => ({ ask }), [ask]);
  const required = [{ required: true, whitespace: true, message: t('common.required') }];
  return (
    <PurposeContext value={dialog}>
      {children}
      <Modal
        open={open}
        title={t('frame.purpose.title')}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        confirmLoading={choose.isPending}
        okText={t('frame.purpose.choose')}
        cancelText={t('common.cancel')}
        destroyOnHidden
        footer={(buttons) => (
          <div className="row spread">
            <span>
              {me.purpose ? (
                <Button danger type="text" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
                  {t('frame.purpose.withdraw')}
                </Button>
              ) : null}
            </span>
            <span className="row">{buttons}</span>
          </div>
        )}
      >
        <p className="quiet" style={{ marginBlockEnd: 14 }}>
          {t('frame.purpose.lead')}
        </p>
        <Form<PurposeForm>
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={me.purpose ?? { code: 'credit-check' }}
          onFinish={(values) => choose.mutate(values)}
        >
          <Form.Item name="code" label={t('frame.purpose.code')} rules={[{ required: true }]}>
            <Select options={purposeCodes.map((code) => ({ value: code, label: t(`frame.purpose.codes.${code}`) }))} />
          </Form.Item>
          <Form.Item name="caseReference" label={t('frame.purpose.case')} rules={required}>
            <Input maxLength={100} placeholder={t('frame.purpose.case-hint')} />
          </Form.Item>
          <Form.Item
            name="text"
            label={t('frame.purpose.text')}
            rules={[{ required: true, min: 4, message: t('frame.purpose.text-short') }]}
          >
            <Input.TextArea maxLength={500} rows={3} showCount />
          </Form.Item>
        </Form>
        {choose.isError ? <Failure error={choose.error} /> : null}
        {withdraw.isError ? <Failure error={withdraw.error} /> : null}
      </Modal>
    </PurposeContext>
  );
}
