"""What Microsoft's own schemas say of the resources we ask for, as far as we use them: names, kinds and allowed words.

Written down from schemas/VERSION/PROVIDER.json of github.com/Azure/azure-resource-manager-schemas. What is not here has
not been looked up there, so a template that says more fails until it has been.
"""

from typing import Any

Shape = dict[str, Any]

TEXT: Shape = {"type": "string"}
WHOLE: Shape = {"type": "integer"}
NUMBER: Shape = {"type": "number"}
YES_OR_NO: Shape = {"type": "boolean"}
ADDRESS: Shape = {"type": "string", "pattern": r"^(([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])(\.|$)){4}"}


def words(*allowed: str) -> Shape:
    return {"enum": list(allowed)}


def many(item: Shape) -> Shape:
    return {"type": "array", "items": item}


def thing(needs: str = "", /, **parts: Shape) -> Shape:
    """An object with these parts and no others; those named in `needs` have to be there."""
    return {"type": "object", "properties": parts, "required": needs.split(), "additionalProperties": False}


def each(value: Shape) -> Shape:
    return {"type": "object", "additionalProperties": value}


ON_OR_OFF = words("Enabled", "Disabled")
_RESOURCES = thing(cpu=NUMBER, memory=TEXT)
_PREPARES = {
    "name": TEXT,
    "image": TEXT,
    "command": many(TEXT),
    "env": many(thing(name=TEXT, value=TEXT, secretRef=TEXT)),
    "resources": _RESOURCES,
}
_PROBE = thing(
    type=words("Liveness", "Readiness", "Startup"),
    tcpSocket=thing("port", host=TEXT, port=WHOLE),
    initialDelaySeconds={**WHOLE, "minimum": 1, "maximum": 60},
    periodSeconds={**WHOLE, "minimum": 1, "maximum": 240},
)
_INGRESS = thing(
    external=YES_OR_NO,
    transport=words("auto", "http", "http2", "tcp"),
    targetPort=WHOLE,
    exposedPort=WHOLE,
    allowInsecure=YES_OR_NO,
)
_APP = thing(
    environmentId=TEXT,
    configuration=thing(
        activeRevisionsMode=words("Multiple", "Single"),
        ingress=_INGRESS,
        secrets=many(thing(name=TEXT, keyVaultUrl=TEXT, identity=TEXT, value=TEXT)),
        registries=many(thing(server=TEXT, identity=TEXT, username=TEXT, passwordSecretRef=TEXT)),
    ),
    template=thing(
        initContainers=many(thing(**_PREPARES)),
        containers=many(thing(**_PREPARES, probes=many(_PROBE))),
        scale=thing(
            minReplicas=WHOLE,
            maxReplicas=WHOLE,
            rules=many(thing(name=TEXT, http=thing(metadata=each(TEXT)))),
        ),
    ),
)
_IDENTITY = thing(
    "type",
    type=words("None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned"),
    userAssignedIdentities=each(thing()),
)
_SERVER = thing(
    version=words("18", "17", "16", "15", "14", "13", "12", "11"),
    administratorLogin=TEXT,
    administratorLoginPassword=TEXT,
    storage=thing(storageSizeGB=WHOLE, autoGrow=ON_OR_OFF),
    backup=thing(backupRetentionDays=WHOLE, geoRedundantBackup=ON_OR_OFF),
)
_LOG_PLANS = ("Free", "Standard", "Premium", "PerNode", "PerGB2018", "Standalone", "CapacityReservation", "LACluster")
_VAULT = thing(
    "tenantId sku",
    tenantId={"type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
    sku=thing("family name", family=words("A"), name=words("standard", "premium")),
    enableRbacAuthorization=YES_OR_NO,
    enableSoftDelete=YES_OR_NO,
    publicNetworkAccess=TEXT,
)


def resource(name: str, *, located: bool = True, needs: str = "properties", **parts: Shape) -> Shape:
    """A resource whose own name, the last part of it, is as `name` says."""
    own = {"type": TEXT, "apiVersion": TEXT, "name": {"type": "string", "pattern": f"^([^/]+/)*{name}$"}}
    where: dict[str, Shape] = {"location": TEXT} if located else {}
    return thing(f"type apiVersion name {needs}{' location' if located else ''}", **own, **where, **parts)


_PART = r"[-\w._]+"
_APP_NAME = "[a-z][-a-z0-9]{0,30}[a-z0-9]"  # the service's own rule, of which its schema says nothing
SHAPES: dict[str, Shape] = {
    "Microsoft.App/containerApps@2024-03-01": resource(_APP_NAME, properties=_APP, identity=_IDENTITY),
    "Microsoft.App/managedEnvironments@2024-03-01": resource(
        _PART,
        properties=thing(
            appLogsConfiguration=thing(
                destination=TEXT, logAnalyticsConfiguration=thing(customerId=TEXT, sharedKey=TEXT)
            )
        ),
    ),
    "Microsoft.Authorization/roleAssignments@2022-04-01": resource(
        "[-0-9a-f]{36}",
        located=False,
        properties=thing(
            "roleDefinitionId principalId",
            roleDefinitionId=TEXT,
            principalId=TEXT,
            principalType=words("User", "Group", "ServicePrincipal", "ForeignGroup", "Device"),
        ),
    ),
    "Microsoft.Communication/communicationServices@2023-04-01": resource(
        r"[-\w]{1,63}", properties=thing("dataLocation", dataLocation=TEXT, linkedDomains=many(TEXT))
    ),
    "Microsoft.Communication/emailServices@2023-04-01": resource(
        "[a-zA-Z0-9-]{1,63}", properties=thing("dataLocation", dataLocation=TEXT)
    ),
    "Microsoft.Communication/emailServices/domains@2023-04-01": resource(
        ".{1,253}",
        properties=thing(
            "domainManagement",
            domainManagement=words("AzureManaged", "CustomerManaged", "CustomerManagedInExchangeOnline"),
            userEngagementTracking=ON_OR_OFF,
        ),
    ),
    "Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01": resource(
        "[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*",
        properties=_SERVER,
        sku=thing("name tier", name=TEXT, tier=words("Burstable", "GeneralPurpose", "MemoryOptimized")),
    ),
    "Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01": resource(
        _PART,
        located=False,
        properties=thing(
            charset={"type": "string", "pattern": r"^[a-zA-Z]+\w*$"},
            collation={"type": "string", "pattern": r"^[a-zA-Z\-]+([. ]|\w)*$"},
        ),
    ),
    "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01": resource(
        _PART,
        located=False,
        properties=thing("startIpAddress endIpAddress", startIpAddress=ADDRESS, endIpAddress=ADDRESS),
    ),
    "Microsoft.KeyVault/vaults@2023-07-01": resource("[a-zA-Z0-9-]{3,24}", properties=_VAULT),
    "Microsoft.KeyVault/vaults/secrets@2023-07-01": resource(
        "[a-zA-Z0-9-]{1,127}", located=False, properties=thing(value=TEXT, contentType=TEXT)
    ),
    "Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31": resource(_PART, needs=""),
    "Microsoft.OperationalInsights/workspaces@2022-10-01": resource(
        "[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]",
        properties=thing(sku=thing("name", name=words(*_LOG_PLANS)), retentionInDays=WHOLE),
    ),
}
