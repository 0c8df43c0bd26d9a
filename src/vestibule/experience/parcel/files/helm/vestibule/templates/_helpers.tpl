{{- define "vestibule.name" -}}
{{- printf "%s" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "vestibule.labels" -}}
app.kubernetes.io/name: vestibule
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "vestibule.selector" -}}
app.kubernetes.io/name: vestibule
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "vestibule.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "vestibule.environment" -}}
- name: VESTIBULE_DATA
  value: /data
- name: VESTIBULE_PUBLIC_URL
  value: {{ .Values.publicUrl | quote }}
- name: VESTIBULE_TRUSTED_PROXIES
  value: {{ .Values.trustedProxies | quote }}
- name: VESTIBULE_REDIS_URL
  {{- if .Values.redisInSecret }}
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: redis-url
  {{- else }}
  value: {{ .Values.redisUrl | default (printf "redis://%s-redis:6379" (include "vestibule.name" .)) | quote }}
  {{- end }}
{{- range $name, $value := .Values.settings }}
- name: VESTIBULE_{{ $name }}
  value: {{ $value | quote }}
{{- end }}
- name: VESTIBULE_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: database-url
- name: VESTIBULE_SECRET_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: secret-key
{{- range $setting, $key := dict "EMAIL_URL" "email-url" "SMS_KEY" "sms-key" "TURN_SECRET" "turn-secret" "LIVEKIT_SECRET" "livekit-secret" "ACS_CONNECTION_STRING" "acs-connection-string" }}
- name: VESTIBULE_{{ $setting }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.existingSecret }}
      key: {{ $key }}
      optional: true
{{- end }}
{{- end -}}

{{- define "vestibule.hardened" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "vestibule.places" -}}
serviceAccountName: {{ include "vestibule.name" . }}
automountServiceAccountToken: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: data
    emptyDir: {}
  - name: temporary
    emptyDir: {}
{{- end -}}

{{- define "vestibule.mounts" -}}
- name: data
  mountPath: /data
- name: temporary
  mountPath: /tmp
{{- end -}}
