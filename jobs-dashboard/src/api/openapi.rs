//! The OpenAPI document, made of the types that are answered.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, OpenApi as Document, Ref, ResponseBuilder, SecurityRequirement, Server,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::{
    Json, acts, audit, batches, errors, job, jobs, kinds, operations, overview, problem::Problem, queues, recurring,
    schedule, servers, stats, system,
};
use crate::web::Visit;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "jobs",
        version = "1",
        description = "The jobs of an application: what stands where, why, and what can be done to it. Times are RFC 3339 in UTC; ids are \
            texts; a field may be added at any time, and none is taken away or changed within this version.",
        license(name = "MIT OR Apache-2.0"),
    ),
    paths(
        overview::show, stats::show, system::show, show,
        jobs::list, job::show,
        acts::requeue, acts::run_now, acts::cancel, acts::delete, acts::reschedule, acts::move_to, acts::prioritize, acts::edit,
        errors::list,
        operations::list, operations::show, operations::begin, operations::cancel,
        queues::list, queues::pause, queues::resume, queues::clear,
        kinds::list, kinds::pause, kinds::resume,
        recurring::list, schedule::show, schedule::alter, schedule::reset, recurring::trigger, recurring::pause, recurring::resume, recurring::skip, recurring::remove,
        batches::list, batches::show, batches::cancel,
        servers::list, servers::pause, servers::resume, servers::stop,
        audit::list,
    ),
    components(schemas(Problem)),
    modifiers(&Common),
)]
struct Api;

/// What holds for all operations: how a caller says who they are, and that whatever goes wrong is a problem.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut Document) {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let failure = ResponseBuilder::new()
            .description("Why it was not done")
            .content("application/problem+json", problem.clone())
            .build();
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in [("get", &mut item.get), ("post", &mut item.post)] {
                let Some(operation) = operation else { continue };
                operation.operation_id = Some(id(method, path));
                let responses = &mut operation.responses.responses;
                for (status, response) in responses.iter_mut() {
                    if let utoipa::openapi::RefOr::T(response) = response
                        && status.starts_with('4')
                    {
                        response.content =
                            std::iter::once(("application/problem+json".to_owned(), problem.clone().into())).collect();
                    }
                }
                responses.insert("default".to_owned(), failure.clone().into());
            }
        }
        let components = document.components.get_or_insert_default();
        for (name, scheme) in [("bearer", HttpAuthScheme::Bearer), ("basic", HttpAuthScheme::Basic)] {
            components.add_security_scheme(name, SecurityScheme::Http(Http::new(scheme)));
        }
        // The application's policy decides which of them, if any.
        let schemes = ["bearer", "basic"].map(|name| SecurityRequirement::new(name, [""; 0]));
        document.security = Some(schemes.into_iter().chain([SecurityRequirement::default()]).collect());
    }
}

/// The name of an operation, which programs that make clients use: `post_jobs_id_requeue`.
fn id(method: &str, path: &str) -> String {
    let words = path.split(['/', '{', '}', '.']).filter(|word| !word.is_empty() && !["api", "v1"].contains(word));
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

/// The document that describes all of this.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "overview",
    responses((status = 200, description = "An OpenAPI 3.1 document", body = serde_json::Value)),
)]
pub(crate) async fn show(visit: Visit) -> Json<Document> {
    let mut document = Api::openapi();
    let base = visit.base.as_str();
    // Without any, paths begin at the host.
    document.servers = (!base.is_empty()).then(|| vec![Server::new(base)]);
    Json(document)
}
