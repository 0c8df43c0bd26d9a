// Vestibule on Container Apps beside an environment, a database server, a key vault and Azure Communication Services
// that are in the resource group already. The same as existing.json.
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

@description('The Container Apps environment.')
param environmentName string

@description('The PostgreSQL flexible server, version 14 or newer.')
param databaseServerName string

@description('A user that may use the database vestibule, made there.')
param databaseUser string

@description('The key vault; it has to use Azure roles for access.')
param keyVaultName string

@description('The Azure Communication Services resource.')
param communicationServiceName string

@description('The MailFrom address linked with it; empty: it carries no e-mail.')
param mailFrom string = ''

@description('The server\'s secret, at least 32 random characters: openssl rand -base64 48. Links hang on it, so keep it.')
@minLength(32)
@secure()
param serverSecret string

@description('The password of that user.')
@minLength(12)
@secure()
param databasePassword string

resource environment 'Microsoft.App/managedEnvironments@2024-03-01' existing = {
  name: environmentName
}

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' existing = {
  name: databaseServerName
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: keyVaultName
}

resource communication 'Microsoft.Communication/communicationServices@2023-04-01' existing = {
  name: communicationServiceName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-identity'
  location: location
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

resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01' = {
  parent: server
  name: 'vestibule'
  properties: {
    charset: 'UTF8'
    collation: 'en_US.utf8'
  }
}

resource databaseUrl 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'vestibule-database-url'
  properties: {
    value: 'postgresql://${databaseUser}:${uriComponent(databasePassword)}@${server.properties.fullyQualifiedDomainName}/vestibule?sslmode=require'
  }
  dependsOn: [database]
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
    value: mailFrom
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
