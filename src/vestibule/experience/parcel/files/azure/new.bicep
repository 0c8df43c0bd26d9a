// Vestibule on Container Apps with PostgreSQL, Azure Communication Services and a key vault, all made new.
// The same as new.json: az deployment group create -g GROUP -f new.bicep -p image=…
@description('What every resource is called, followed by what it is.')
@minLength(3)
@maxLength(12)
param name string = 'vestibule'

@description('Where the resources are made.')
param location string = resourceGroup().location

@description('The image made from the download, such as clinic.azurecr.io/vestibule:1.')
param image string

@description('The registry that the image is fetched from with the identity made here, such as clinic.azurecr.io; empty for a public one.')
param registryServer string = ''

@description('The name people reach it by, once the domain is bound to the app; empty: the one Azure gives.')
param hostName string = ''

@description('How many web processes there may be.')
@minValue(1)
@maxValue(20)
param mostReplicas int = 3

@description('Where Azure Communication Services keeps what it holds.')
@allowed(['Africa', 'Asia Pacific', 'Australia', 'Brazil', 'Canada', 'Europe', 'France', 'Germany', 'India', 'Japan', 'Korea', 'Norway', 'Switzerland', 'UAE', 'UK', 'United States'])
param dataLocation string = 'Europe'

@description('The size of the database.')
param databaseSku string = 'Standard_B1ms'

@description('The server\'s secret, at least 32 random characters: openssl rand -base64 48. Links hang on it, so keep it.')
@minLength(32)
@secure()
param serverSecret string

@description('The password of the database\'s administrator.')
@minLength(12)
@secure()
param databasePassword string

var suffix = uniqueString(resourceGroup().id, name)
var databaseUser = 'vestibule'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-identity'
  location: location
}

resource logs 'Microsoft.OperationalInsights/workspaces@2022-10-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 30
  }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: take('${name}${suffix}', 24)
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    publicNetworkAccess: 'Enabled'
  }
}

// Key Vault Secrets User
var reader = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource readerAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.name, 'reader')
  scope: vault
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: reader
  }
}

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: '${name}-${suffix}'
  location: location
  sku: {
    name: databaseSku
    tier: startsWith(databaseSku, 'Standard_B') ? 'Burstable' : 'GeneralPurpose'
  }
  properties: {
    version: '17'
    administratorLogin: databaseUser
    administratorLoginPassword: databasePassword
    storage: {
      storageSizeGB: 32
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: 14
      geoRedundantBackup: 'Disabled'
    }
  }
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01' = {
  parent: server
  name: 'vestibule'
  properties: {
    charset: 'UTF8'
    collation: 'en_US.utf8'
  }
}

resource azureServices 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = {
  parent: server
  name: 'azure-services'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
  dependsOn: [database]
}

resource mail 'Microsoft.Communication/emailServices@2023-04-01' = {
  name: '${name}-mail-${suffix}'
  location: 'global'
  properties: {
    dataLocation: dataLocation
  }
}

resource mailDomain 'Microsoft.Communication/emailServices/domains@2023-04-01' = {
  parent: mail
  name: 'AzureManagedDomain'
  location: 'global'
  properties: {
    domainManagement: 'AzureManaged'
    userEngagementTracking: 'Disabled'
  }
}

resource communication 'Microsoft.Communication/communicationServices@2023-04-01' = {
  name: '${name}-communication-${suffix}'
  location: 'global'
  properties: {
    dataLocation: dataLocation
    linkedDomains: [mailDomain.id]
  }
}

resource databaseUrl 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'vestibule-database-url'
  properties: {
    value: 'postgresql://${databaseUser}:${uriComponent(databasePassword)}@${server.properties.fullyQualifiedDomainName}/vestibule?sslmode=require'
  }
  dependsOn: [azureServices]
}

resource secretKey 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'vestibule-server-secret'
  properties: {
    value: serverSecret
  }
}

resource connection 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'vestibule-communication'
  properties: {
    value: communication.listKeys().primaryConnectionString
  }
}

resource environment 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: '${name}-environment'
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: logs.properties.customerId
        sharedKey: logs.listKeys().primarySharedKey
      }
    }
  }
}

var publicHost = empty(hostName) ? '${name}-web.${environment.properties.defaultDomain}' : hostName
var registries = empty(registryServer) ? [] : [
  {
    server: registryServer
    identity: identity.id
  }
]
var identities = {
  type: 'UserAssigned'
  userAssignedIdentities: {
    '${identity.id}': {}
  }
}
// Read from the vault by the identity: no value of theirs is in the app's own settings.
var secrets = [
  {
    name: 'database-url'
    keyVaultUrl: '${vault.properties.vaultUri}secrets/${databaseUrl.name}'
    identity: identity.id
  }
  {
    name: 'server-secret'
    keyVaultUrl: '${vault.properties.vaultUri}secrets/${secretKey.name}'
    identity: identity.id
  }
  {
    name: 'communication'
    keyVaultUrl: '${vault.properties.vaultUri}secrets/${connection.name}'
    identity: identity.id
  }
]
var settings = [
  {
    name: 'VESTIBULE_DATABASE_URL'
    secretRef: 'database-url'
  }
  {
    name: 'VESTIBULE_SECRET_KEY'
    secretRef: 'server-secret'
  }
  {
    name: 'VESTIBULE_ACS_CONNECTION_STRING'
    secretRef: 'communication'
  }
  {
    name: 'VESTIBULE_ACS_EMAIL_FROM'
    value: 'DoNotReply@${mailDomain.properties.fromSenderDomain}'
  }
  {
    name: 'VESTIBULE_REDIS_URL'
    value: 'redis://${redis.name}:6379'
  }
  {
    name: 'VESTIBULE_PUBLIC_URL'
    value: 'https://${publicHost}'
  }
  {
    name: 'VESTIBULE_TRUSTED_PROXIES'
    value: '100.64.0.0/10'
  }
]

resource redis 'Microsoft.App/containerApps@2024-03-01' = {
  name: '${name}-redis'
  location: location
  properties: {
    environmentId: environment.id
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: {
        external: false
        transport: 'tcp'
        targetPort: 6379
        exposedPort: 6379
      }
    }
    template: {
      containers: [
        {
          name: 'redis'
          image: 'docker.io/library/redis:8'
          command: ['redis-server', '--save', '', '--appendonly', 'no']
          resources: {
            cpu: json('0.25')
            memory: '0.5Gi'
          }
        }
      ]
      scale: {
        minReplicas: 1
        maxReplicas: 1
      }
    }
  }
}

resource web 'Microsoft.App/containerApps@2024-03-01' = {
  name: '${name}-web'
  location: location
  identity: identities
  properties: {
    environmentId: environment.id
    configuration: {
      activeRevisionsMode: 'Single'
      secrets: secrets
      registries: registries
      ingress: {
        external: true
        targetPort: 8000
        transport: 'auto'
        allowInsecure: false
      }
    }
    template: {
      // Brings the database up to date and makes the business of the image, if it is not there yet.
      initContainers: [
        {
          name: 'business'
          image: image
          command: ['python', '/app/script/container', 'business']
          env: settings
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
        }
      ]
      containers: [
        {
          name: 'web'
          image: image
          env: settings
          resources: {
            cpu: json('1.0')
            memory: '2Gi'
          }
          probes: [
            {
              type: 'Readiness'
              tcpSocket: {
                port: 8000
              }
              periodSeconds: 10
            }
            {
              type: 'Liveness'
              tcpSocket: {
                port: 8000
              }
              initialDelaySeconds: 20
              periodSeconds: 20
            }
          ]
        }
      ]
      scale: {
        minReplicas: 1
        maxReplicas: mostReplicas
        rules: [
          {
            name: 'requests'
            http: {
              metadata: {
                concurrentRequests: '80'
              }
            }
          }
        ]
      }
    }
  }
  dependsOn: [readerAssignment]
}

resource worker 'Microsoft.App/containerApps@2024-03-01' = {
  name: '${name}-worker'
  location: location
  identity: identities
  properties: {
    environmentId: environment.id
    configuration: {
      activeRevisionsMode: 'Single'
      secrets: secrets
      registries: registries
    }
    template: {
      containers: [
        {
          name: 'worker'
          image: image
          command: ['vestibule', 'worker']
          env: settings
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
        }
      ]
      scale: {
        minReplicas: 1
        maxReplicas: 1
      }
    }
  }
  dependsOn: [readerAssignment, web]
}

output address string = 'https://${web.properties.configuration.ingress.fqdn}'
output identityPrincipalId string = identity.properties.principalId
